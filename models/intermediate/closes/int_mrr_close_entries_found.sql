{# What this run adds to the log; appended when readers have seen its set. #}
with

ledger as (

    select * from {{ ref('int_mrr_closed_movements_summed') }}

),

logged as (

    select * from {{ ref('int_mrr_close_entries_summed') }}

),

compared as (

    select * from {{ ref('int_mrr_closed_movements_compared') }}

),

closes as (

    select * from {{ ref('int_mrr_closes_numbered') }}

),

entries as (

    select
        'first_published' as cause,
        ledger.account_id as booked_account_id,
        ledger.account_id,
        ledger.currency,
        ledger.mrr_month,
        ledger.movement,
        ledger.mrr_delta,
        ledger.mrr_delta_native
    from ledger
    inner join closes
        on
            closes.is_this_run
            and (
                closes.closed_before_month is null
                or ledger.mrr_month > closes.closed_before_month
            )

    union all

    select
        'account_merged' as cause,
        booked_account_id,
        account_id,
        currency,
        mrr_month,
        movement,
        -mrr_delta as mrr_delta,
        -mrr_delta_native as mrr_delta_native
    from logged
    where account_id <> surviving_account_id

    union all

    select
        'account_merged' as cause,
        booked_account_id,
        surviving_account_id as account_id,
        currency,
        mrr_month,
        movement,
        mrr_delta,
        mrr_delta_native
    from logged
    where account_id <> surviving_account_id

    union all

    select
        case
            when is_transferred and month_delta_native = 0 then 'account_merged'
            when
                movement = 'fx' and (has_native_delta or balance_delta_native <> 0)
                then 'revalued'
            when mrr_delta_native = 0 then 'exchange_rate'
            when month_delta_native = 0 and has_arrival and has_departure
                then 'reclassified'
            when not is_in_log then 'backdated'
            when not is_in_ledger then 'withdrawn'
            else 'amended'
        end as cause,
        account_id as booked_account_id,
        account_id,
        currency,
        mrr_month,
        movement,
        mrr_delta,
        mrr_delta_native
    from compared

),

found as (

    select
        closes.close_number,
        entries.cause,
        entries.booked_account_id,
        entries.account_id,
        entries.currency,
        entries.mrr_month,
        entries.movement,
        entries.mrr_delta,
        entries.mrr_delta_native
    from entries
    inner join closes
        on closes.is_this_run

)

select * from found
