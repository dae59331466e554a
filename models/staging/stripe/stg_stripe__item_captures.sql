with

source as (

    select * from {{ source('stripe_captured', 'subscription_item') }}

),

renamed as (

    select
        cast(id as string) as item_id,
        cast(subscription_id as string) as subscription_id,
        cast(plan_id as string) as price_id,
        cast(created as timestamp) as created_at,
        cast(current_period_start as timestamp) as period_started_at,
        cast(current_period_end as timestamp) as period_ends_at,
        cast(_fivetran_synced as timestamp) as synced_at,
        cast(quantity as decimal(18, 2)) as quantity,
        cast(_seen_at as timestamp) as seen_at,
        cast(_looked_at as timestamp) as looked_at,
        cast(_is_gone as boolean) as is_gone,
        cast(_capture as bigint) as capture_number
    from source

)

select * from renamed
