{# Every later month end, late renewals bridged, at the rates of the first paid day. #}
with

started as (

    select * from {{ ref('int_cohort_accounts_started') }}

),

month_ends as (

    select * from {{ ref('int_retention_month_ends_measured') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

followed as (

    select
        started.account_id,
        month_ends.month_number,
        {{ money(
            'sum(' ~ converted('month_ends.graced_native', 'rates.rate') ~ ')'
        ) }} as mrr
    from started
    inner join month_ends
        on started.account_id = month_ends.account_id
    inner join rates
        on
            month_ends.currency = rates.currency
            and started.started_on >= rates.counted_from
            and started.started_on < coalesce(rates.valid_to, {{ far_future() }})
    group by started.account_id, month_ends.month_number

)

select * from followed
