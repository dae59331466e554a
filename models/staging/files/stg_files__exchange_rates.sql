with

source as (

    select * from {{ source('files', 'exchange_rates') }}

),

renamed as (

    select
        upper(cast(currency as string)) as currency,
        upper(cast(to_currency as string)) as to_currency,
        cast(valid_from as date) as valid_from,
        cast(rate as decimal(18, 8)) as rate,
        _file as source_file,
        _line as source_line
    from source

)

select * from renamed
