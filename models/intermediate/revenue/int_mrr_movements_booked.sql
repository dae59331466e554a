{# Turns whole, other changes by sub-reason; a day's parts convert to its one total. #}
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

valued as (

    select
        parts.account_id,
        parts.effective_on,
        parts.movement,
        parts.sub_reason,
        parts.currency,
        parts.mrr_delta_native,
        parts.is_provisional,
        rates.rate,
        {{ money('''
            sum(parts.mrr_delta_native) over (
                partition by parts.account_id, parts.currency, parts.effective_on
                order by parts.sub_reason
                rows between unbounded preceding and current row
            )
        ''') }} as native_so_far
    from parts
    inner join rates
        on
            parts.currency = rates.currency
            and parts.effective_on >= rates.valid_from
            and parts.effective_on < coalesce(rates.valid_to, {{ far_future() }})
    where parts.mrr_delta_native <> 0

),

booked as (

    select
        account_id,
        effective_on,
        movement,
        sub_reason,
        currency,
        {{ money(
            converted('native_so_far', 'rate')
            ~ ' - ' ~ converted('(native_so_far - mrr_delta_native)', 'rate')
        ) }} as mrr_delta,
        mrr_delta_native,
        is_provisional
    from valued

)

select * from booked
