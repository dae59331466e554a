with

source as (

    select * from {{ source('run', 'mrr_closes') }}

),

renamed as (

    select
        cast(close_number as bigint) as close_number,
        cast(recorded_as_of_at as timestamp) as recorded_as_of_at,
        reporting_currency,
        cast(final_month as date) as final_month
    from source

)

select * from renamed
