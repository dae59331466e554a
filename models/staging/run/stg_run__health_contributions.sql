with

source as (

    select * from {{ source('run', 'health_contributions') }}

),

renamed as (

    select
        account_id,
        cast(health_on as date) as health_on,
        measure,
        family,
        input_value,
        measure_score,
        weight,
        contribution,
        freshness_days
    from source

)

select * from renamed
