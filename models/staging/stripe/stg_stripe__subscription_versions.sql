with

source as (

    select * from {{ source('stripe', 'subscription_history') }}

),

renamed as (

    select
        cast(id as string) as subscription_id,
        cast(customer_id as string) as customer_id,
        cast(status as string) as status,
        cast(_fivetran_start as timestamp) as captured_at,
        cast(start_date as timestamp) as started_at,
        cast(created as timestamp) as created_at,
        cast(trial_start as timestamp) as trial_started_at,
        cast(trial_end as timestamp) as trial_ended_at,
        cast(current_period_start as timestamp) as period_started_at,
        cast(current_period_end as timestamp) as period_ends_at,
        cast(cancel_at as timestamp) as cancels_at,
        cast(canceled_at as timestamp) as notice_at,
        cast(ended_at as timestamp) as ended_at,
        cast(quantity as decimal(18, 2)) as quantity,
        cast(cancel_at_period_end as boolean) as is_ending_with_period,
        cast(pause_collection_behavior as string) as pause_behavior,
        cast(_fivetran_synced as timestamp) as synced_at,
        _file as source_file,
        _line as source_line
    from source
    where coalesce(livemode, true)

)

select * from renamed
