with

source as (

    select * from {{ source('stripe', 'product') }}

),

renamed as (

    select
        cast(source.id as string) as product_id,
        cast(source.name as string) as product_name,
        source._file as source_file,
        source._line as source_line
    from source

)

select * from renamed
