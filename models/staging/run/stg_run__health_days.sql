with

source as (

    select * from {{ source('run', 'health_days') }}

),

renamed as (

    select
        account_id,
        cast(health_on as date) as health_on,
        profile,
        health_band,
        held_band,
        exception,
        weakest_measure,
        strongest_measure,
        reason,
        health_score,
        health_score_before_exceptions,
        score_change_1_day,
        score_change_7_days,
        score_change_30_days,
        coverage_rate,
        input_family_count,
        measure_count,
        stalest_input_days,
        policy_version,
        cast(computed_from_received_until as timestamp) as computed_from_received_until
    from source

)

select * from renamed
