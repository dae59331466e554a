{# Balances at each month's end (or at the clock, in the open month), per currency. #}
with

balances as (

    select * from {{ ref('int_mrr_balances_accumulated') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

closing as (

    select
        balances.account_id,
        balances.currency,
        months.mrr_month,
        months.month_number,
        months.closing_on,
        balances.mrr_native
    from balances
    inner join months
        on
            balances.valid_from <= months.closing_on
            and coalesce(balances.valid_to, {{ far_future() }}) > months.closing_on
    where balances.mrr_native > 0

),

converted as (

    select
        closing.account_id,
        closing.currency,
        closing.mrr_month,
        closing.month_number,
        closing.mrr_native,
        {{ converted('closing.mrr_native', 'rates.rate') }} as mrr
    from closing
    inner join rates
        on
            closing.currency = rates.currency
            and closing.closing_on >= rates.valid_from
            and closing.closing_on < coalesce(rates.valid_to, {{ far_future() }})

)

select * from converted
