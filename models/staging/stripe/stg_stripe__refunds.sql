with

source as (

    select * from {{ source('stripe', 'refund') }}

),

renamed as (

    select
        cast(id as string) as refund_id,
        cast(charge_id as string) as charge_id,
        cast(status as string) as status,
        cast(reason as string) as reason,
        upper(cast(currency as string)) as currency,
        cast(created as timestamp) as created_at,
        {{ minor_units('amount', 'currency') }} as amount,
        cast(_fivetran_synced as timestamp) as synced_at,
        _file as source_file,
        _line as source_line
    from source

)

select * from renamed
