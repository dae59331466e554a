{# The log is read under the accounts of today, so that a merge differs in nothing. #}
with

ledger as (

    select * from {{ ref('int_mrr_closed_movements_summed') }}

),

logged as (

    select * from {{ ref('int_mrr_close_entries_summed') }}

),

closes as (

    select * from {{ ref('int_mrr_closes_numbered') }}

),

transferred as (

    select surviving_account_id as account_id
    from logged
    where account_id <> surviving_account_id

    union

    select account_id
    from logged
    where account_id <> surviving_account_id

),

both_sides as (

    select
        ledger.account_id,
        ledger.currency,
        ledger.mrr_month,
        ledger.movement,
        ledger.mrr_delta,
        ledger.mrr_delta_native,
        1 as ledger_rows,
        0 as logged_rows
    from ledger
    inner join closes
        on
            closes.is_this_run
            and ledger.mrr_month <= closes.closed_before_month

    union all

    select
        surviving_account_id as account_id,
        currency,
        mrr_month,
        movement,
        -mrr_delta as mrr_delta,
        -mrr_delta_native as mrr_delta_native,
        0 as ledger_rows,
        1 as logged_rows
    from logged

),

differing as (

    select
        account_id,
        currency,
        mrr_month,
        movement,
        {{ money('sum(mrr_delta)') }} as mrr_delta,
        {{ money('sum(mrr_delta_native)') }} as mrr_delta_native,
        sum(ledger_rows) > 0 as is_in_ledger,
        sum(logged_rows) > 0 as is_in_log
    from both_sides
    group by account_id, currency, mrr_month, movement
    having sum(mrr_delta) <> 0 or sum(mrr_delta_native) <> 0

),

compared as (

    select
        differing.account_id,
        differing.currency,
        differing.mrr_month,
        differing.movement,
        differing.mrr_delta,
        differing.mrr_delta_native,
        differing.is_in_ledger,
        differing.is_in_log,
        transferred.account_id is not null as is_transferred,
        sum(differing.mrr_delta_native) over account_month as month_delta_native,
        bool_or(differing.mrr_delta_native <> 0) over account_month as has_native_delta,
        bool_or(differing.movement <> 'fx' and not differing.is_in_ledger)
            over account_month as has_departure,
        bool_or(differing.movement <> 'fx' and not differing.is_in_log)
            over account_month as has_arrival,
        sum(differing.mrr_delta_native) over (
            partition by differing.account_id, differing.currency
            order by differing.mrr_month
            range between unbounded preceding and current row
        ) as balance_delta_native
    from differing
    left join transferred
        on differing.account_id = transferred.account_id
    window account_month as (
        partition by differing.account_id, differing.currency, differing.mrr_month
    )

)

select * from compared
