{# Close 0 stands for the whole log: what a restated account reads today. #}
with

entries as (

    select * from {{ ref('int_mrr_close_entries_unioned') }}

),

closes as (

    select * from {{ ref('int_mrr_closes_numbered') }}

),

restated_accounts as (

    select
        account_id,
        currency
    from entries
    where cause <> 'first_published'
    group by account_id, currency

),

changes as (

    select
        close_number,
        cause,
        account_id,
        currency,
        mrr_month,
        movement,
        mrr_delta,
        mrr_delta_native
    from entries
    where cause <> 'first_published'

    union all

    select
        0 as close_number,
        'any' as cause,
        entries.account_id,
        entries.currency,
        entries.mrr_month,
        entries.movement,
        entries.mrr_delta,
        entries.mrr_delta_native
    from entries
    inner join restated_accounts
        on
            entries.account_id = restated_accounts.account_id
            and entries.currency = restated_accounts.currency
    inner join closes
        on
            closes.is_this_run
            and entries.mrr_month <= closes.closed_before_month

),

listed as (

    select
        close_number,
        cause,
        account_id,
        currency,
        mrr_month,
        movement,
        {{ money('sum(mrr_delta)') }} as mrr_delta,
        {{ money('sum(mrr_delta_native)') }} as mrr_delta_native
    from changes
    group by close_number, cause, account_id, currency, mrr_month, movement

)

select * from listed
