-- A returned row is a closed month and movement in which log and ledger differ.
with

entries as (

    select * from {{ ref('int_mrr_close_entries_unioned') }}

),

movements as (

    select * from {{ ref('fct_mrr_movements') }}

),

closes as (

    select * from {{ ref('int_mrr_closes_numbered') }}

),

both_sides as (

    select
        account_id,
        currency,
        mrr_month,
        movement,
        mrr_delta,
        mrr_delta_native
    from entries

    union all

    select
        movements.account_id,
        movements.currency,
        cast(date_trunc('month', movements.effective_on) as date) as mrr_month,
        movements.movement,
        -movements.mrr_delta as mrr_delta,
        -movements.mrr_delta_native as mrr_delta_native
    from movements
    inner join closes
        on
            closes.is_this_run
            and movements.effective_on < {{ dbt.dateadd(
                'month', 1, 'closes.final_month'
            ) }}

)

select
    account_id,
    currency,
    mrr_month,
    movement,
    sum(mrr_delta) as mrr_delta,
    sum(mrr_delta_native) as mrr_delta_native
from both_sides
group by account_id, currency, mrr_month, movement
having sum(mrr_delta) <> 0 or sum(mrr_delta_native) <> 0
