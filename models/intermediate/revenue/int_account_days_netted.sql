{# An account before and after each day of change; what happened within it is netted. #}
with

products as (

    select * from {{ ref('int_paused_mrr_accumulated') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

currency_days as (

    select
        account_id,
        currency,
        effective_on,
        sum(mrr_delta) as mrr_delta,
        sum(greatest(-mrr_delta, 0) - taken_mrr) as unpaused_mrr,
        sum(held_delta) as held_delta,
        sum(unpaid_delta) as unpaid_delta
    from products
    group by account_id, currency, effective_on

),

days as (

    select
        currency_days.account_id,
        currency_days.effective_on,
        sum(currency_days.mrr_delta) as mrr_delta,
        sum({{ converted('currency_days.mrr_delta', 'rates.rate') }})
            as reporting_delta,
        sum(currency_days.unpaused_mrr) as unpaused_mrr,
        sum(currency_days.held_delta) as held_delta,
        sum(currency_days.unpaid_delta) as unpaid_delta
    from currency_days
    inner join rates
        on
            currency_days.currency = rates.currency
            and currency_days.effective_on >= rates.valid_from
            and currency_days.effective_on < coalesce(
                rates.valid_to, {{ far_future() }}
            )
    group by currency_days.account_id, currency_days.effective_on

),

accumulated as (

    select
        *,
        sum(mrr_delta) over account_so_far as mrr_after,
        sum(held_delta) over account_so_far as held_after,
        sum(unpaid_delta) over account_so_far as unpaid_after,
        sum(abs(mrr_delta)) over account_so_far as mrr_moved
    from days
    window account_so_far as (
        partition by account_id
        order by effective_on
        rows between unbounded preceding and current row
    )

),

states as (

    select
        account_id,
        effective_on,
        reporting_delta,
        mrr_after - mrr_delta > 0 as is_paying_before,
        mrr_after > 0 as is_paying_after,
        unpaused_mrr = 0 as is_all_paused,
        held_after - held_delta > 0 as is_pause_held_before,
        min(case when held_after = 0 then effective_on end) over (
            partition by account_id
            order by effective_on
            rows between current row and unbounded following
        ) as held_until,
        unpaid_after > 0 as is_unpaid_after,
        mrr_moved > abs(mrr_delta) as has_paid_before
    from accumulated

)

select * from states
