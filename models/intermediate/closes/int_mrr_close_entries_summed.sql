with

entries as (

    select * from {{ ref('stg_run__mrr_close_entries') }}

),

closes as (

    select * from {{ ref('int_mrr_closes_numbered') }}

),

accounts as (

    select * from {{ ref('int_accounts_merged') }}

),

balances as (

    select
        entries.booked_account_id,
        entries.account_id,
        entries.currency,
        entries.mrr_month,
        entries.movement,
        {{ money('sum(entries.mrr_delta)') }} as mrr_delta,
        {{ money('sum(entries.mrr_delta_native)') }} as mrr_delta_native
    from entries
    inner join closes
        on
            entries.close_number = closes.close_number
            and not closes.is_this_run
    group by
        entries.booked_account_id,
        entries.account_id,
        entries.currency,
        entries.mrr_month,
        entries.movement

),

summed as (

    select
        balances.booked_account_id,
        balances.account_id,
        coalesce(accounts.surviving_account_id, balances.booked_account_id)
            as surviving_account_id,
        balances.currency,
        balances.mrr_month,
        balances.movement,
        balances.mrr_delta,
        balances.mrr_delta_native
    from balances
    left join accounts
        on balances.booked_account_id = accounts.account_id
    where balances.mrr_delta <> 0 or balances.mrr_delta_native <> 0

)

select * from summed
