with

curves as (

    select * from {{ ref('fct_time_to_value_curves') }}

),

cohorts as (

    select * from {{ ref('fct_time_to_value_cohorts') }}

),

windows as (

    select * from {{ ref('value_windows') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

counted as (

    select
        curves.segment_dimension,
        curves.segment_value,
        windows.within_days,
        -- The first day of the curve from the window's end on has all who got there.
        max(
            case
                when curves.waited_days >= windows.within_days
                    then curves.at_risk_count
                else 0
            end
        ) as at_risk_count,
        sum(
            case
                when curves.waited_days <= windows.within_days
                    then curves.reached_count
                else 0
            end
        ) as reached_count,
        sum(
            case
                when curves.waited_days <= windows.within_days
                    then curves.left_count
                else 0
            end
        ) as left_count,
        max(
            case
                when curves.waited_days <= windows.within_days
                    then curves.waited_days
            end
        ) as last_waited_days
    from curves
    cross join windows
    group by curves.segment_dimension, curves.segment_value, windows.within_days

),

read as (

    select
        counted.*,
        cohorts.account_count,
        coalesce(curves.reached_rate, 0) as reached_rate,
        curves.reached_low_rate,
        curves.reached_high_rate,
        coalesce(curves.left_rate, 0) as left_rate,
        1 - coalesce(curves.not_reached_rate, 1) as reached_if_none_left_rate,
        -- Who is at risk on the day may arrive on it; where nobody waits any more, the
        -- curve has come to its end and stays.
        counted.at_risk_count > 0 or coalesce(curves.waiting_rate, 1) < 1e-12
            as is_estimable,
        coalesce(
            {{ days_after('counted.within_days', 'cohorts.cohort_ends_on') }}
            <= clock.as_of_on, false
        ) as is_fully_observed
    from counted
    cross join clock
    inner join cohorts
        on
            counted.segment_dimension = cohorts.segment_dimension
            and counted.segment_value = cohorts.segment_value
    left join curves
        on
            counted.segment_dimension = curves.segment_dimension
            and counted.segment_value = curves.segment_value
            and counted.last_waited_days = curves.waited_days

),

shares as (

    select
        segment_dimension,
        segment_value,
        cast(within_days as bigint) as within_days,

        case when is_estimable then 'estimated' else 'nobody_observed_so_long' end
            as share_status,

        account_count,
        cast(at_risk_count as bigint) as at_risk_count,
        cast(reached_count as bigint) as reached_count,
        cast(left_count as bigint) as left_count,
        case when is_estimable then reached_rate end as reached_rate,
        case when is_estimable then reached_low_rate end as reached_low_rate,
        case when is_estimable then reached_high_rate end as reached_high_rate,
        case when is_estimable then left_rate end as left_rate,
        case when is_estimable then reached_if_none_left_rate end
            as reached_if_none_left_rate,

        is_fully_observed
    from read

)

select * from shares
