with

source as (

    select * from {{ source('stripe_captured', 'discount') }}

),

renamed as (

    select
        cast(source.id as string) as discount_id,
        cast(source.subscription_id as string) as subscription_id,
        cast(source.customer_id as string) as customer_id,
        cast(source.invoice_id as string) as invoice_id,
        cast(source.invoice_item_id as string) as invoice_item_id,
        cast(source.coupon_id as string) as coupon_id,
        cast(source.start as timestamp) as started_at,
        cast(source.end as timestamp) as ends_at,
        cast(source._seen_at as timestamp) as seen_at,
        cast(source._is_gone as boolean) as is_gone,
        cast(source._capture as bigint) as capture_number
    from source

)

select * from renamed
