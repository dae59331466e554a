{# Turns whole; else what changed its currency, and the rest by sub-reason, exactly. #}
with

account_days as (

    select * from {{ ref('int_account_days_classified') }}

),

explained as (

    select * from {{ ref('int_mrr_overlaps_told') }}

),

transfers as (

    select * from {{ ref('int_currency_transfers_shared') }}

),

balances as (

    select * from {{ ref('int_mrr_balances_accumulated') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

parts as (

    select
        account_id,
        valid_from as effective_on,
        currency,
        'arrived' as part_kind,
        cast(null as string) as sub_reason,
        mrr_native as mrr_delta_native
    from balances

    union all

    select
        account_id,
        valid_to as effective_on,
        currency,
        'left' as part_kind,
        cast(null as string) as sub_reason,
        -mrr_native as mrr_delta_native
    from balances
    where valid_to is not null

    union all

    select
        account_id,
        effective_on,
        currency,
        'changed' as part_kind,
        sub_reason,
        mrr_delta_native
    from explained

),

-- Before an account arrives it holds nothing, and after it left: balances are turns.
totalled as (

    select
        parts.account_id,
        parts.effective_on,
        account_days.movement,
        coalesce(account_days.sub_reason, parts.sub_reason) as sub_reason,
        parts.currency,
        parts.mrr_delta_native,
        account_days.is_provisional,
        rates.rate,
        sum(parts.mrr_delta_native) over (
            partition by parts.account_id, parts.effective_on, parts.currency
        ) as total_native
    from parts
    inner join account_days
        on
            parts.account_id = account_days.account_id
            and parts.effective_on = account_days.effective_on
            and parts.part_kind = case
                when account_days.movement in ('new', 'resume', 'reactivation')
                    then 'arrived'
                when account_days.movement in ('pause', 'churn') then 'left'
                else 'changed'
            end
    inner join rates
        on
            parts.currency = rates.currency
            and parts.effective_on >= rates.valid_from
            and parts.effective_on < coalesce(rates.valid_to, {{ far_future() }})
    where parts.mrr_delta_native <> 0

),

-- What goes the way of its currency comes first, and of that what a swap moved.
valued as (

    select
        *,
        case when total_native < 0 then -1 else 1 end as direction,
        sum(mrr_delta_native) over (
            partition by account_id, effective_on, currency
            order by
                case
                    when (mrr_delta_native < 0) <> (total_native < 0) then 3
                    when sub_reason <> 'currency_swap' then 2
                    else 1
                end,
                sub_reason
            rows between unbounded preceding and current row
        ) as native_so_far
    from totalled

),

remaining as (

    select
        valued.*,
        abs(coalesce(transfers.mrr_delta, 0)) as taken_mrr,
        abs(coalesce(transfers.mrr_delta_native, 0)) as taken_native,
        coalesce(transfers.is_whole, false) as is_all_transferred
    from valued
    left join transfers
        on
            valued.account_id = transfers.account_id
            and valued.effective_on = transfers.effective_on
            and valued.currency = transfers.currency

),

booked as (

    select
        account_id,
        effective_on,
        movement,
        sub_reason,
        currency,
        {{ money(
            'direction * (greatest(direction * ' ~ converted('native_so_far', 'rate')
            ~ ' - taken_mrr, 0) - greatest(direction * '
            ~ converted('(native_so_far - mrr_delta_native)', 'rate')
            ~ ' - taken_mrr, 0))'
        ) }} as mrr_delta,
        {{ money(
            'direction * (greatest(direction * native_so_far - taken_native, 0)'
            ~ ' - greatest(direction * (native_so_far - mrr_delta_native)'
            ~ ' - taken_native, 0))'
        ) }} as mrr_delta_native,
        is_provisional
    from remaining
    where not is_all_transferred

    union all

    select
        account_id,
        effective_on,
        'currency_transfer' as movement,
        'transferred' as sub_reason,
        currency,
        mrr_delta,
        mrr_delta_native,
        false as is_provisional
    from transfers

)

select * from booked
where mrr_delta <> 0 or mrr_delta_native <> 0
