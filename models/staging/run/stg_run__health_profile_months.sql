with

source as (

    select * from {{ source('run', 'health_profile_months') }}

),

renamed as (

    select
        account_id,
        cast(health_on as date) as health_on,
        profile,
        health_band,
        health_score,
        coverage_rate,
        measure_count,
        weakest_measure,
        policy_version
    from source

)

select * from renamed
