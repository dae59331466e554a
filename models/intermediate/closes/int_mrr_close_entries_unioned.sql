with

logged as (

    select * from {{ ref('stg_run__mrr_close_entries') }}

),

found as (

    select * from {{ ref('int_mrr_close_entries_found') }}

),

closes as (

    select * from {{ ref('int_mrr_closes_numbered') }}

),

entries as (

    select
        logged.close_number,
        logged.cause,
        logged.account_id,
        logged.currency,
        logged.mrr_month,
        logged.movement,
        logged.mrr_delta,
        logged.mrr_delta_native
    from logged
    inner join closes
        on
            logged.close_number = closes.close_number
            and not closes.is_this_run

    union all

    select
        close_number,
        cause,
        account_id,
        currency,
        mrr_month,
        movement,
        mrr_delta,
        mrr_delta_native
    from found

)

select * from entries
