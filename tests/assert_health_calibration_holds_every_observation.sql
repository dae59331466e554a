-- A scorer and segment whose deciles do not hold every observation and loss.
with

calibration as (

    select * from {{ ref('fct_health_calibration') }}

),

validation as (

    select * from {{ ref('fct_health_validation') }}

),

summed as (

    select
        scorer,
        segment_dimension,
        segment_value,
        sum(observation_count) as observation_count,
        sum(lost_observation_count) as lost_observation_count,
        sum(case when bin = 'unscored' then observation_count else 0 end)
            as unscored_count
    from calibration
    where bin_kind = 'decile'
    group by scorer, segment_dimension, segment_value

),

compared as (

    select
        validation.scorer,
        validation.segment_dimension,
        validation.segment_value
    from validation
    left join summed
        on
            validation.scorer = summed.scorer
            and validation.segment_dimension = summed.segment_dimension
            and validation.segment_value = summed.segment_value
    where
        validation.period = 'all'
        and (
            summed.scorer is null
            or summed.observation_count <> validation.observation_count
            or summed.lost_observation_count <> validation.lost_observation_count
            or summed.unscored_count <> validation.unscored_count
        )

)

select * from compared
