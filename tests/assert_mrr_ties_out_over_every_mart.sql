-- A row is a mart, day and reading whose MRR is not the ledger's closing of that month.
with

clock as (

    select * from {{ ref('stg_run__clock') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

-- What the ledger closes at: on the last day of a month, in the open one on the run's.
closing_days as (

    select
        dates.date_on as closing_on,
        cast(date_trunc('month', dates.date_on) as date) as mrr_month
    from dates
    inner join clock
        on
            dates.date_on = clock.as_of_on
            or (dates.is_month_end and dates.date_on < clock.as_of_on)

),

account_months as (

    select
        mrr_month,
        sum(closing_mrr) as mrr
    from {{ ref('fct_account_mrr_months') }}
    group by mrr_month

),

ledger as (

    select
        closing_days.closing_on,
        closing_days.mrr_month,
        coalesce(account_months.mrr, 0) as mrr
    from closing_days
    left join account_months
        on closing_days.mrr_month = account_months.mrr_month

),

-- By month: a row each of what has one, whatever it is split by.
monthly as (

    select
        'fct_mrr_months' as mart,
        segment_dimension as reading,
        mrr_month,
        sum(closing_mrr) as mrr
    from {{ ref('fct_mrr_months') }}
    group by segment_dimension, mrr_month

    union all

    select
        'fct_currency_mrr_months' as mart,
        'all' as reading,
        mrr_month,
        sum(closing_mrr) as mrr
    from {{ ref('fct_currency_mrr_months') }}
    group by mrr_month

    union all

    select
        'fct_account_committed_mrr_months' as mart,
        'all' as reading,
        mrr_month,
        sum(closing_mrr) as mrr
    from {{ ref('fct_account_committed_mrr_months') }}
    group by mrr_month

    union all

    select
        'fct_expansion_shares' as mart,
        concat_ws(' ', segment_dimension, cast(window_months as string)) as reading,
        mrr_month,
        sum(closing_mrr) as mrr
    from {{ ref('fct_expansion_shares') }}
    group by segment_dimension, window_months, mrr_month

),

-- What a window of retention opens with is what the month before it closed at.
opened as (

    select
        'fct_retention' as mart,
        concat_ws(
            ' ', policy, grain, segment_dimension, cast(window_months as string)
        ) as reading,
        {{ month_index('period_end_on') }} - window_months as month_number,
        sum(opening_mrr) as mrr
    from {{ ref('fct_retention') }}
    where policy in ('raw', 'constant_currency')
    group by policy, grain, segment_dimension, window_months, period_end_on

),

-- By day, of the days on which the ledger closes.
daily as (

    select
        'fct_account_health_days' as mart,
        'all' as reading,
        health_on,
        sum(mrr) as mrr
    from {{ ref('fct_account_health_days') }}
    group by health_on

    union all

    select
        'fct_health_distribution' as mart,
        segment_dimension as reading,
        health_on,
        sum(mrr) as mrr
    from {{ ref('fct_health_distribution') }}
    group by segment_dimension, health_on

    union all

    select
        'fct_account_health_changes' as mart,
        comparison as reading,
        health_on,
        sum(closing_mrr) as mrr
    from {{ ref('fct_account_health_changes') }}
    group by comparison, health_on

    union all

    select
        'fct_customer_health_months' as mart,
        'all' as reading,
        health_on,
        sum(mrr) as mrr
    from {{ ref('fct_customer_health_months') }}
    group by health_on

    union all

    select
        'fct_health_profile_months' as mart,
        profile as reading,
        health_on,
        sum(mrr) as mrr
    from {{ ref('fct_health_profile_months') }}
    group by profile, health_on

),

first_policy as (

    select min(date_on) as first_on
    from {{ ref('int_health_policies_dated') }}
    where is_chosen

),

current as (

    select sum(current_mrr) as mrr
    from {{ ref('dim_accounts') }}

),

told as (

    select
        monthly.mart,
        monthly.reading,
        ledger.closing_on,
        monthly.mrr,
        ledger.mrr as ledger_mrr
    from monthly
    inner join ledger
        on monthly.mrr_month = ledger.mrr_month

    union all

    select
        opened.mart,
        opened.reading,
        ledger.closing_on,
        opened.mrr,
        ledger.mrr as ledger_mrr
    from opened
    inner join ledger
        on opened.month_number = {{ month_index('ledger.mrr_month') }}

    union all

    select
        daily.mart,
        daily.reading,
        ledger.closing_on,
        daily.mrr,
        ledger.mrr as ledger_mrr
    from daily
    inner join ledger
        on daily.health_on = ledger.closing_on

    union all

    -- A day that nobody is told to have paid on is a day of no health rows at all. Of
    -- days before the first policy there is no health.
    select
        'fct_account_health_days' as mart,
        'a day without a row' as reading,
        ledger.closing_on,
        0 as mrr,
        ledger.mrr as ledger_mrr
    from ledger
    cross join first_policy
    left join daily
        on
            ledger.closing_on = daily.health_on
            and daily.mart = 'fct_account_health_days'
    where
        daily.health_on is null
        and ledger.closing_on >= first_policy.first_on

    union all

    select
        'dim_accounts' as mart,
        'all' as reading,
        ledger.closing_on,
        coalesce(current.mrr, 0) as mrr,
        ledger.mrr as ledger_mrr
    from ledger
    cross join current
    inner join clock
        on ledger.closing_on = clock.as_of_on

),

board as (

    select
        'fct_board_metrics' as mart,
        'mrr' as reading,
        ledger.closing_on,
        cast(board_metrics.metric_value as decimal(18, 6)) as mrr,
        ledger.mrr as ledger_mrr
    from {{ ref('fct_board_metrics') }} as board_metrics
    inner join ledger
        on board_metrics.metric_month = ledger.mrr_month
    where
        board_metrics.metric = 'mrr'
        and not {{ nearly_equal('board_metrics.metric_value', 'ledger.mrr') }}

)

select
    mart,
    reading,
    closing_on,
    mrr,
    ledger_mrr
from told
where mrr <> ledger_mrr

union all

select
    mart,
    reading,
    closing_on,
    mrr,
    ledger_mrr
from board
