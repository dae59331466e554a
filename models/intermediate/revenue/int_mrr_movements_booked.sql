{# Native movements: the account's turns whole, its other changes by sub-reason. #}
with

account_days as (

    select * from {{ ref('int_account_days_classified') }}

),

explained as (

    select * from {{ ref('int_mrr_movements_explained') }}

),

changes as (

    select * from {{ ref('int_mrr_line_changes_summed') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

totals as (

    select
        account_id,
        effective_on,
        currency,
        {{ money('sum(mrr_delta)') }} as mrr_delta_native
    from changes
    group by account_id, effective_on, currency

),

parts as (

    select
        account_days.account_id,
        account_days.effective_on,
        account_days.movement,
        account_days.sub_reason,
        account_days.is_provisional,
        totals.currency,
        totals.mrr_delta_native
    from account_days
    inner join totals
        on
            account_days.account_id = totals.account_id
            and account_days.effective_on = totals.effective_on
    where account_days.sub_reason is not null

    union all

    select
        account_days.account_id,
        account_days.effective_on,
        account_days.movement,
        explained.sub_reason,
        account_days.is_provisional,
        explained.currency,
        explained.mrr_delta_native
    from account_days
    inner join explained
        on
            account_days.account_id = explained.account_id
            and account_days.effective_on = explained.effective_on
    where account_days.sub_reason is null

),

booked as (

    select
        parts.account_id,
        parts.effective_on,
        parts.movement,
        parts.sub_reason,
        parts.currency,
        {{ converted('parts.mrr_delta_native', 'rates.rate') }} as mrr_delta,
        parts.mrr_delta_native,
        parts.is_provisional
    from parts
    inner join rates
        on
            parts.currency = rates.currency
            and parts.effective_on >= rates.valid_from
            and parts.effective_on < coalesce(rates.valid_to, {{ far_future() }})
    where parts.mrr_delta_native <> 0

)

select * from booked
