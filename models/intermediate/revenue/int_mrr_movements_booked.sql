{# Turns whole, other changes by sub-reason; a day's parts convert to its one total. #}
with

account_days as (

    select * from {{ ref('int_account_days_classified') }}

),

explained as (

    select * from {{ ref('int_mrr_movements_explained') }}

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
        mrr_native as mrr_delta_native,
        mrr_native as native_so_far
    from balances

    union all

    select
        account_id,
        valid_to as effective_on,
        currency,
        'left' as part_kind,
        cast(null as string) as sub_reason,
        -mrr_native as mrr_delta_native,
        -mrr_native as native_so_far
    from balances
    where valid_to is not null

    union all

    select
        account_id,
        effective_on,
        currency,
        'changed' as part_kind,
        sub_reason,
        mrr_delta_native,
        {{ money('''
            sum(mrr_delta_native) over (
                partition by account_id, currency, effective_on
                order by sub_reason
                rows between unbounded preceding and current row
            )
        ''') }} as native_so_far
    from explained

),

-- Before an account arrives it holds nothing, and after it left: balances are turns.
valued as (

    select
        parts.account_id,
        parts.effective_on,
        account_days.movement,
        coalesce(account_days.sub_reason, parts.sub_reason) as sub_reason,
        parts.currency,
        parts.mrr_delta_native,
        parts.native_so_far,
        account_days.is_provisional,
        rates.rate
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
