{# Only lines in force on the forecast day tell of a contract: an end that is told later
   was not known then. #}
with

contracts as (

    select * from {{ ref('int_contracts_dated') }}

),

items as (

    select * from {{ ref('int_subscription_items_priced') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

forecast_days as (

    select month_ends_on as forecast_on
    from months
    where is_complete

),

due as (

    select
        forecast_days.forecast_on,
        contracts.account_id,
        contracts.contract_end_on,
        items.currency,
        {{ money('sum(items.mrr)') }} as mrr_native,
        bool_or(coalesce(items.notice_on <= forecast_days.forecast_on, false))
            as is_notice_given
    from contracts
    inner join forecast_days
        on
            contracts.contract_end_on > forecast_days.forecast_on
            and contracts.contract_end_on
            <= {{ days_after(
                var('renewal_forecast_days'), 'forecast_days.forecast_on'
            ) }}
            and contracts.known_since_on <= forecast_days.forecast_on
    inner join items
        on
            contracts.account_id = items.account_id
            and contracts.contract_end_on = items.contract_end_on
            and forecast_days.forecast_on >= items.valid_from
            and forecast_days.forecast_on < coalesce(items.valid_to, {{ far_future() }})
            and items.is_paying
    group by
        forecast_days.forecast_on,
        contracts.account_id,
        contracts.contract_end_on,
        items.currency

),

priced as (

    select
        due.forecast_on,
        due.account_id,
        due.contract_end_on,
        {{ money(
            'sum(' ~ converted('due.mrr_native', 'rates.rate') ~ ')'
        ) }} as due_mrr,
        bool_or(due.is_notice_given) as is_notice_given
    from due
    inner join rates
        on
            due.currency = rates.currency
            and due.forecast_on >= rates.valid_from
            and due.forecast_on < coalesce(rates.valid_to, {{ far_future() }})
    group by due.forecast_on, due.account_id, due.contract_end_on

)

select * from priced
