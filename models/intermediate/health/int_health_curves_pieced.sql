{{ config(materialized='table') }}
{# A curve as pieces that cover every number, per policy version; flat at the ends. #}
with

curves as (

    select * from {{ ref('health_curves') }}

),

policy_versions as (

    select * from {{ ref('int_health_policy_versions_named') }}

),

versions as (

    select
        profile,
        measure,
        valid_from,
        coalesce(
            lead(valid_from) over (
                partition by profile, measure
                order by valid_from
            ),
            {{ far_future() }}
        ) as valid_to
    from curves
    group by profile, measure, valid_from

),

ages as (

    select
        profile,
        measure,
        valid_from,
        min_age_days,
        lead(min_age_days) over (
            partition by profile, measure, valid_from
            order by min_age_days
        ) as next_age_days
    from curves
    group by profile, measure, valid_from, min_age_days

),

points as (

    select
        profile,
        measure,
        valid_from,
        min_age_days,
        shape,
        input_value,
        measure_score,
        lead(input_value) over curve_points as next_value,
        lead(measure_score) over curve_points as next_score,
        lag(input_value) over curve_points is null as is_first
    from curves
    window curve_points as (
        partition by profile, measure, valid_from, min_age_days
        order by input_value
    )

),

pieced as (

    select
        profile,
        measure,
        valid_from,
        min_age_days,
        input_value,
        measure_score,
        input_value as value_from,
        coalesce(next_value, 1e18) as value_before,
        case
            when shape = 'step' or next_value is null then 0
            else (next_score - measure_score) / (next_value - input_value)
        end as slope
    from points

    union all

    select
        profile,
        measure,
        valid_from,
        min_age_days,
        input_value,
        measure_score,
        -1e18 as value_from,
        input_value as value_before,
        0 as slope
    from points
    where is_first

),

resolved as (

    select
        policy_versions.policy_version,
        pieced.measure,
        pieced.min_age_days as age_from_days,
        coalesce(ages.next_age_days, 1000000) as age_before_days,
        pieced.value_from,
        pieced.value_before,
        pieced.input_value as anchor_value,
        pieced.measure_score as score_from,
        pieced.slope
    from pieced
    inner join ages
        on
            pieced.profile = ages.profile
            and pieced.measure = ages.measure
            and pieced.valid_from = ages.valid_from
            and pieced.min_age_days = ages.min_age_days
    inner join versions
        on
            pieced.profile = versions.profile
            and pieced.measure = versions.measure
            and pieced.valid_from = versions.valid_from
    inner join policy_versions
        on
            pieced.profile = policy_versions.profile
            and versions.valid_from <= policy_versions.valid_from
            and versions.valid_to > policy_versions.valid_from

)

select * from resolved
