{# Opening and closing balance of every account and window, in both currency bases. #}
with

month_ends as (

    select * from {{ ref('int_mrr_month_ends_converted') }}

),

windows as (

    select * from {{ ref('retention_windows') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

first_rates as (

    select
        currency,
        min(valid_from) as rate_valid_from
    from rates
    group by currency

),

complete_months as (

    select
        dates.month_number,
        dates.date_on as ends_on
    from dates
    inner join clock
        on dates.date_on <= clock.last_complete_on
    where dates.is_month_end

),

balances as (

    select
        month_ends.account_id,
        month_ends.currency,
        month_ends.month_number + windows.window_months as period_number,
        windows.window_months,
        month_ends.mrr_native as opening_native,
        month_ends.mrr as opening_mrr,
        {{ money('0') }} as closing_native,
        {{ money('0') }} as closing_mrr
    from month_ends
    cross join windows

    union all

    select
        month_ends.account_id,
        month_ends.currency,
        month_ends.month_number as period_number,
        windows.window_months,
        {{ money('0') }} as opening_native,
        {{ money('0') }} as opening_mrr,
        month_ends.mrr_native as closing_native,
        month_ends.mrr as closing_mrr
    from month_ends
    cross join windows

),

paired as (

    select
        account_id,
        currency,
        period_number,
        window_months,
        sum(opening_mrr) as opening_mrr,
        sum(closing_native) as closing_native,
        sum(closing_mrr) as closing_mrr
    from balances
    group by account_id, currency, period_number, window_months

),

measured as (

    select
        periods.ends_on as period_end_on,
        paired.window_months,
        paired.account_id,
        openings.date_on as opening_on,
        {{ money('sum(paired.opening_mrr)') }} as opening_mrr,
        {{ money('sum(paired.closing_mrr)') }} as closing_mrr_raw,
        {{ money(
            'sum(' ~ converted('paired.closing_native', 'rates.rate') ~ ')'
        ) }} as closing_mrr_constant
    from paired
    inner join complete_months as periods
        on paired.period_number = periods.month_number
    inner join dates as openings
        on
            paired.period_number - paired.window_months = openings.month_number
            and openings.is_month_end
    inner join first_rates
        on paired.currency = first_rates.currency
    inner join rates
        on
            paired.currency = rates.currency
            -- A currency without a rate at the opening is valued at its first one.
            and greatest(openings.date_on, first_rates.rate_valid_from)
            >= rates.valid_from
            and greatest(openings.date_on, first_rates.rate_valid_from)
            < coalesce(rates.valid_to, {{ far_future() }})
    group by
        periods.ends_on,
        paired.window_months,
        paired.account_id,
        openings.date_on

)

select * from measured
