with

source as (

    select * from {{ source('stripe', 'customer') }}

),

renamed as (

    select
        cast(source.id as string) as customer_id,
        cast(source.name as string) as customer_name,
        cast(source.email as string) as email,
        upper(cast(source.currency as string)) as currency,
        cast(source.metadata as string) as metadata,
        cast(source.created as timestamp) as created_at,
        cast(source.delinquent as boolean) as is_delinquent,
        coalesce(source.is_deleted, false)
        or coalesce(source._fivetran_deleted, false) as is_deleted,
        source._file as source_file,
        source._line as source_line
    from source
    where coalesce(source.livemode, true)

)

select * from renamed
