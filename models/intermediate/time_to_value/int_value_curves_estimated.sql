{# Aalen-Johansen: value and leaving, each against the other. #}
with

survived as (

    select * from {{ ref('int_value_waits_survived') }}

),

lagged as (

    select
        *,
        coalesce(
            lag(waiting_rate) over (
                partition by segment_dimension, segment_value
                order by waited_days
            ), 1
        ) as waiting_before_rate
    from survived

),

summed as (

    select
        segment_dimension,
        segment_value,
        waited_days,
        at_risk_count,
        reached_count,
        left_count,
        censored_count,
        not_reached_rate,
        waiting_rate,
        waiting_before_rate,
        {{ running_sum(
            'waiting_before_rate * ' ~ ratio('reached_count', 'at_risk_count')
        ) }} as reached_rate,
        {{ running_sum(
            'waiting_before_rate * ' ~ ratio('left_count', 'at_risk_count')
        ) }} as left_rate
    from lagged
    window so_far as (
        partition by segment_dimension, segment_value
        order by waited_days
        rows between unbounded preceding and current row
    )

),

estimated as (

    select
        segment_dimension,
        segment_value,
        waited_days,
        at_risk_count,
        reached_count,
        left_count,
        censored_count,
        not_reached_rate,
        waiting_rate,
        waiting_before_rate,
        {{ within_rounding('reached_rate', 0, 1) }} as reached_rate,
        {{ within_rounding('left_rate', 0, 1) }} as left_rate
    from summed

)

select * from estimated
