{{ config(materialized='table') }}
{# How the use of all accounts together moved: so a holiday is nobody's decline. #}
with

windowed as (

    select * from {{ ref('int_book_uses_windowed') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

changes as (

    select
        counts_from as changed_on,
        use_events,
        baseline_events,
        accounts
    from windowed

    union all

    select
        counts_to as changed_on,
        -use_events as use_events,
        -baseline_events as baseline_events,
        -accounts as accounts
    from windowed
    where counts_to < {{ far_future() }}

    union all

    select
        dates.date_on as changed_on,
        0 as use_events,
        0 as baseline_events,
        0 as accounts
    from dates
    inner join clock
        on dates.date_on <= clock.as_of_on

),

daily as (

    select
        changed_on,
        sum(use_events) as use_events,
        sum(baseline_events) as baseline_events,
        sum(accounts) as accounts
    from changes
    group by changed_on

),

accumulated as (

    select
        changed_on as date_on,
        sum(use_events) over so_far as use_event_count,
        sum(baseline_events) over so_far as baseline_event_count,
        sum(accounts) over so_far as account_count
    from daily
    window so_far as (
        order by changed_on
        rows between unbounded preceding and current row
    )

),

measured as (

    select
        date_on,
        account_count,
        case
            when account_count >= {{ var('book_trend_min_accounts') }}
                then {{ ratio(
                    'use_event_count * ' ~ var('usage_baseline_days'),
                    'baseline_event_count * ' ~ var('usage_window_days')
                ) }}
        end as book_trend
    from accumulated

)

select * from measured
