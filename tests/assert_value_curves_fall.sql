-- A row is a day on which a curve turns back, or on which waits are lost or doubled.
with

curves as (

    select * from {{ ref('fct_time_to_value_curves') }}

),

followed as (

    select
        *,
        at_risk_count - reached_count - left_count - censored_count as remaining_count,
        lead(at_risk_count) over wait_days as next_at_risk_count,
        lead(not_reached_rate) over wait_days as next_not_reached_rate,
        lead(reached_rate) over wait_days as next_reached_rate,
        lead(left_rate) over wait_days as next_left_rate
    from curves
    window wait_days as (
        partition by segment_dimension, segment_value
        order by waited_days
    )

),

turned as (

    select
        segment_dimension,
        segment_value,
        waited_days
    from followed
    where
        remaining_count <> coalesce(next_at_risk_count, 0)
        or not {{ nearly_at_most('next_not_reached_rate', 'not_reached_rate') }}
        or not {{ nearly_at_most('reached_rate', 'next_reached_rate') }}
        or not {{ nearly_at_most('left_rate', 'next_left_rate') }}

)

select * from turned
