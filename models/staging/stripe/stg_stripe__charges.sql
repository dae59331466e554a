with

source as (

    select * from {{ source('stripe', 'charge') }}

),

renamed as (

    select
        cast(id as string) as charge_id,
        cast(customer_id as string) as customer_id,
        cast(invoice_id as string) as invoice_id,
        cast(status as string) as status,
        cast(failure_code as string) as failure_code,
        upper(cast(currency as string)) as currency,
        cast(created as timestamp) as created_at,
        {{ minor_units('amount', 'currency') }} as amount,
        {{ minor_units('amount_refunded', 'currency') }} as amount_refunded,
        cast(_fivetran_synced as timestamp) as synced_at,
        _file as source_file,
        _line as source_line
    from source

)

select * from renamed
