{#
    Greenwood, and the delta method for the cumulative incidence (Collett; SAS lifetest),
    with the squares multiplied out, so that one pass of running sums is enough. On the
    day that ends everybody the terms with at_risk - ended have no later day to act on.
#}
with

curves as (

    select * from {{ ref('int_value_curves_estimated') }}

),

terms as (

    select
        *,
        coalesce({{ ratio(
            'reached_count', 'at_risk_count * (at_risk_count - reached_count)'
        ) }}, 0) as greenwood_term,
        coalesce({{ ratio(
            'reached_count + left_count',
            'at_risk_count * (at_risk_count - reached_count - left_count)'
        ) }}, 0) as ended_term,
        waiting_before_rate
        * {{ ratio('reached_count', 'at_risk_count * at_risk_count') }} as cross_term,
        waiting_before_rate * waiting_before_rate
        * {{ ratio('reached_count', 'at_risk_count * at_risk_count') }}
        * {{ ratio('at_risk_count - reached_count', 'at_risk_count') }} as reached_term
    from curves

),

summed as (

    select
        *,
        {{ running_sum('greenwood_term') }} as greenwood_sum,
        {{ running_sum('ended_term') }} as ended_sum,
        {{ running_sum('ended_term * reached_rate') }} as ended_by_rate_sum,
        {{ running_sum('ended_term * reached_rate * reached_rate') }}
            as ended_by_square_sum,
        {{ running_sum('cross_term') }} as cross_sum,
        {{ running_sum('cross_term * reached_rate') }} as cross_by_rate_sum,
        {{ running_sum('reached_term') }} as reached_sum
    from terms
    window so_far as (
        partition by segment_dimension, segment_value
        order by waited_days
        rows between unbounded preceding and current row
    )

),

errors as (

    select
        segment_dimension,
        segment_value,
        waited_days,
        not_reached_rate * sqrt(greenwood_sum) as not_reached_error,
        sqrt(greatest(
            0,
            reached_rate * reached_rate * ended_sum
            - 2 * reached_rate * ended_by_rate_sum
            + ended_by_square_sum
            + reached_sum
            - 2 * (reached_rate * cross_sum - cross_by_rate_sum)
        )) as reached_error
    from summed

)

select * from errors
