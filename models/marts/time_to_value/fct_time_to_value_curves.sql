with

curves as (

    select * from {{ ref('int_value_curves_estimated') }}

),

errors as (

    select * from {{ ref('int_value_curve_errors_estimated') }}

),

bounded as (

    select
        cast(curves.segment_dimension as string) as segment_dimension,
        cast(curves.segment_value as string) as segment_value,
        cast(curves.waited_days as bigint) as waited_days,

        cast(curves.at_risk_count as bigint) as at_risk_count,
        cast(curves.reached_count as bigint) as reached_count,
        cast(curves.left_count as bigint) as left_count,
        cast(curves.censored_count as bigint) as censored_count,

        curves.not_reached_rate,
        {{ log_log_limit('curves.not_reached_rate', 'errors.not_reached_error', '+') }}
            as not_reached_low_rate,
        {{ log_log_limit('curves.not_reached_rate', 'errors.not_reached_error', '-') }}
            as not_reached_high_rate,

        curves.reached_rate,
        {{ log_log_limit('curves.reached_rate', 'errors.reached_error', '+') }}
            as reached_low_rate,
        {{ log_log_limit('curves.reached_rate', 'errors.reached_error', '-') }}
            as reached_high_rate,

        curves.left_rate,
        curves.waiting_rate
    from curves
    inner join errors
        on
            curves.segment_dimension = errors.segment_dimension
            and curves.segment_value = errors.segment_value
            and curves.waited_days = errors.waited_days

)

select * from bounded
