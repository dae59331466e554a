{# What every account paid at both ends of every window, in each basis. #}
with

month_ends as (

    select * from {{ ref('int_retention_month_ends_measured') }}

),

windows as (

    select * from {{ ref('retention_windows') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

opening_rates as (

    select * from {{ ref('int_opening_rates_found') }}

),

balances as (

    select
        month_ends.account_id,
        month_ends.currency,
        month_ends.month_number + windows.window_months as period_number,
        windows.window_months,
        month_ends.mrr as opening_mrr,
        month_ends.graced_native as opening_graced,
        {{ money('0') }} as closing_mrr,
        {{ money('0') }} as closing_native,
        {{ money('0') }} as closing_graced
    from month_ends
    cross join windows

    union all

    select
        month_ends.account_id,
        month_ends.currency,
        month_ends.month_number as period_number,
        windows.window_months,
        {{ money('0') }} as opening_mrr,
        {{ money('0') }} as opening_graced,
        month_ends.mrr as closing_mrr,
        month_ends.mrr_native as closing_native,
        month_ends.graced_native as closing_graced
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
        sum(opening_graced) as opening_graced,
        sum(closing_mrr) as closing_mrr,
        sum(closing_native) as closing_native,
        sum(closing_graced) as closing_graced
    from balances
    group by account_id, currency, period_number, window_months

),

valued as (

    select
        months.month_ends_on as period_end_on,
        paired.period_number,
        paired.window_months,
        paired.account_id,
        opening_rates.opening_on,
        paired.opening_mrr,
        {{ converted('paired.opening_graced', 'opening_rates.rate') }}
            as opening_mrr_graced,
        paired.closing_mrr as closing_mrr_raw,
        {{ converted('paired.closing_native', 'opening_rates.rate') }}
            as closing_mrr_constant,
        {{ converted('paired.closing_graced', 'opening_rates.rate') }}
            as closing_mrr_graced
    from paired
    inner join months
        on
            paired.period_number = months.month_number
            and months.is_complete
    inner join opening_rates
        on
            paired.currency = opening_rates.currency
            and paired.period_number - paired.window_months
            = opening_rates.month_number

),

measured as (

    select
        period_end_on,
        period_number,
        window_months,
        account_id,
        opening_on,
        {{ money('sum(opening_mrr)') }} as opening_mrr,
        {{ money('sum(opening_mrr_graced)') }} as opening_mrr_graced,
        {{ money('sum(closing_mrr_raw)') }} as closing_mrr_raw,
        {{ money('sum(closing_mrr_constant)') }} as closing_mrr_constant,
        {{ money('sum(closing_mrr_graced)') }} as closing_mrr_graced
    from valued
    group by period_end_on, period_number, window_months, account_id, opening_on

)

select * from measured
