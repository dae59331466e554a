with

source as (

    select * from {{ source('stripe', 'subscription_item') }}

),

renamed as (

    select
        cast(id as string) as item_id,
        cast(subscription_id as string) as subscription_id,
        cast(plan_id as string) as price_id,
        cast(created as timestamp) as created_at,
        cast(_fivetran_synced as timestamp) as synced_at,
        cast(quantity as decimal(18, 2)) as quantity,
        _file as source_file,
        _line as source_line
    from source

)

select * from renamed
