with

contracts as (

    select * from {{ ref('int_contracts_dated') }}

),

items as (

    select * from {{ ref('int_subscription_items_priced') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

openings as (

    select
        contracts.account_id,
        contracts.contract_end_on,
        dates.month_number,
        {{ days_after(-1, 'dates.calendar_month') }} as opening_on
    from contracts
    inner join dates
        on contracts.contract_end_on = dates.date_on

),

due as (

    select
        openings.account_id,
        openings.month_number,
        openings.opening_on,
        items.currency,
        {{ money('sum(items.mrr)') }} as mrr_native
    from openings
    inner join items
        on
            openings.account_id = items.account_id
            and openings.contract_end_on = items.contract_end_on
            and openings.opening_on >= items.valid_from
            and openings.opening_on < coalesce(items.valid_to, {{ far_future() }})
    group by
        openings.account_id,
        openings.month_number,
        openings.opening_on,
        items.currency

),

summed as (

    select
        due.account_id,
        due.month_number,
        {{ money(
            'sum(' ~ converted('due.mrr_native', 'rates.rate') ~ ')'
        ) }} as due_opening_mrr
    from due
    inner join rates
        on
            due.currency = rates.currency
            and due.opening_on >= rates.valid_from
            and due.opening_on < coalesce(rates.valid_to, {{ far_future() }})
    group by due.account_id, due.month_number

)

select * from summed
