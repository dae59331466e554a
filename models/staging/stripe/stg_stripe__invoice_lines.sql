with

source as (

    select * from {{ source('stripe', 'invoice_line_item') }}

),

renamed as (

    select
        cast(source.id as string) as line_id,
        cast(source.invoice_id as string) as invoice_id,
        cast(source.subscription_id as string) as subscription_id,
        cast(source.subscription_item_id as string) as item_id,
        cast(source.plan_id as string) as price_id,
        cast(source.type as string) as line_type,
        upper(cast(source.currency as string)) as currency,
        cast(source.period_start as timestamp) as period_started_at,
        cast(source.period_end as timestamp) as period_ends_at,
        cast(source._fivetran_synced as timestamp) as synced_at,
        cast(source.quantity as decimal(18, 2)) as quantity,
        {{ minor_units('source.amount', 'source.currency') }} as amount,
        cast(source.proration as boolean) as is_proration,
        source._file as source_file,
        source._line as source_line
    from source
    where coalesce(source.livemode, true)

)

select * from renamed
