with

source as (

    select * from {{ source('run', 'clock') }}

),

renamed as (

    select
        cast(as_of_at as timestamp) as as_of_at,
        cast(as_of_on as date) as as_of_on,
        cast(last_complete_on as date) as last_complete_on,
        cast(date_trunc('month', as_of_on) as date) as as_of_month,
        cast(final_as_of_on as date) as final_as_of_on,
        is_ledger_whole,
        is_health_whole,
        reporting_currency
    from source

)

select * from renamed
