with

time_to_value as (

    select * from {{ ref('fct_time_to_value') }}

),

windows as (

    select * from {{ ref('value_windows') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

months as (

    select
        *,
        cast(date_trunc('month', clock_started_on) as date) as cohort_month,
        cast({{ dbt.last_day('clock_started_on', 'month') }} as date)
            as cohort_ends_on
    from time_to_value
    where is_start_observed

),

counted as (

    select
        months.cohort_month,
        months.cohort_ends_on,
        windows.within_days,
        count(*) as account_count,
        count_if(
            coalesce(months.time_to_value_days <= windows.within_days, false)
        ) as reached_count,
        count_if(
            months.status = 'left' and months.observed_days <= windows.within_days
        ) as left_count
    from months
    cross join windows
    group by months.cohort_month, months.cohort_ends_on, windows.within_days

),

cohorts as (

    select
        cast(counted.cohort_month as date) as cohort_month,
        cast(counted.within_days as bigint) as within_days,
        cast(counted.account_count as bigint) as account_count,
        cast(counted.reached_count as bigint) as reached_count,
        cast(counted.left_count as bigint) as left_count,
        case
            when
                {{ days_after('counted.within_days', 'counted.cohort_ends_on') }}
                <= clock.as_of_on
                then {{ ratio('counted.reached_count', 'counted.account_count') }}
        end as reached_rate,
        {{ days_after('counted.within_days', 'counted.cohort_ends_on') }}
        <= clock.as_of_on as is_fully_observed
    from counted
    cross join clock

)

select * from cohorts
