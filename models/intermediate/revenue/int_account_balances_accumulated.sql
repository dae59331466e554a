{# Amounts stay at the rate of the day they last changed: tiers do not drift by fx. #}
with

changes as (

    select * from {{ ref('int_mrr_line_changes_summed') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

balances as (

    select * from {{ ref('int_mrr_balances_accumulated') }}

),

change_days as (

    select
        account_id,
        effective_on
    from changes
    group by account_id, effective_on

),

revalued as (

    select
        change_days.account_id,
        change_days.effective_on,
        sum({{ converted('balances.mrr_native', 'rates.rate') }}) as mrr_at_last_change,
        sum(balances.seat_count) as seat_count
    from change_days
    inner join balances
        on
            change_days.account_id = balances.account_id
            and change_days.effective_on >= balances.valid_from
            and change_days.effective_on < coalesce(
                balances.valid_to, {{ far_future() }}
            )
    inner join rates
        on
            balances.currency = rates.currency
            and change_days.effective_on >= rates.valid_from
            and change_days.effective_on < coalesce(rates.valid_to, {{ far_future() }})
    group by change_days.account_id, change_days.effective_on

),

accumulated as (

    select
        account_id,
        effective_on as valid_from,
        lead(effective_on) over (
            partition by account_id
            order by effective_on
        ) as valid_to,
        {{ money('mrr_at_last_change') }} as mrr_at_last_change,
        seat_count
    from revalued

)

select * from accumulated
