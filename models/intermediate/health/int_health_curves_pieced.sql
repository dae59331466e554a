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
        measure,
        valid_from,
        coalesce(
            lead(valid_from) over (
                partition by measure
                order by valid_from
            ),
            {{ far_future() }}
        ) as valid_to
    from curves
    group by measure, valid_from

),

steps as (

    select
        curves.measure,
        curves.valid_from,
        versions.valid_to,
        cast(curves.input_value as double) as value_to,
        cast(curves.measure_score as double) as score_to,
        cast(lag(curves.input_value) over curve_points as double) as value_from,
        cast(lag(curves.measure_score) over curve_points as double) as score_from,
        lead(curves.input_value) over curve_points is null as is_last
    from curves
    inner join versions
        on
            curves.measure = versions.measure
            and curves.valid_from = versions.valid_from
    window curve_points as (
        partition by curves.measure, curves.valid_from
        order by curves.input_value
    )

),

pieced as (

    select
        measure,
        valid_from,
        valid_to,
        coalesce(value_from, -1e18) as value_above,
        value_to as value_up_to,
        coalesce(value_from, value_to) as anchor_value,
        coalesce(score_from, score_to) as score_from,
        coalesce({{ ratio('score_to - score_from', 'value_to - value_from') }}, 0)
            as slope
    from steps

    union all

    select
        measure,
        valid_from,
        valid_to,
        value_to as value_above,
        1e18 as value_up_to,
        value_to as anchor_value,
        score_to as score_from,
        0 as slope
    from steps
    where is_last

),

resolved as (

    select
        policy_versions.policy_version,
        pieced.measure,
        pieced.value_above,
        pieced.value_up_to,
        pieced.anchor_value,
        pieced.score_from,
        pieced.slope
    from pieced
    inner join policy_versions
        on
            pieced.valid_from <= policy_versions.valid_from
            and pieced.valid_to > policy_versions.valid_from

)

select * from resolved
