{# Kaplan-Meier, of value alone and of whatever ends a wait. #}
with

waits as (

    select * from {{ ref('int_value_waits_counted') }}

),

survived as (

    select
        segment_dimension,
        segment_value,
        waited_days,
        at_risk_count,
        reached_count,
        left_count,
        censored_count,
        {{ product_of(
            '1 - ' ~ ratio('reached_count', 'at_risk_count'), 'over so_far'
        ) }} as not_reached_rate,
        {{ product_of(
            '1 - ' ~ ratio('reached_count + left_count', 'at_risk_count'), 'over so_far'
        ) }} as waiting_rate
    from waits
    window so_far as (
        partition by segment_dimension, segment_value
        order by waited_days
        rows between unbounded preceding and current row
    )

)

select * from survived
