with

source as (

    select * from {{ source('stripe', 'discount') }}

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
        source._file as source_file,
        source._line as source_line
    from source

)

select * from renamed
