-- A returned row is an account and month in which the ledger and the months differ.
with

movements as (

    select
        account_id,
        cast(date_trunc('month', effective_on) as date) as mrr_month,
        sum(mrr_delta) as moved_mrr
    from {{ ref('fct_mrr_movements') }}
    group by account_id, cast(date_trunc('month', effective_on) as date)

),

months as (

    select
        account_id,
        mrr_month,
        closing_mrr - opening_mrr as moved_mrr
    from {{ ref('fct_account_mrr_months') }}

)

select
    coalesce(months.account_id, movements.account_id) as account_id,
    coalesce(months.mrr_month, movements.mrr_month) as mrr_month,
    months.moved_mrr as months_moved_mrr,
    movements.moved_mrr as ledger_moved_mrr
from months
full outer join movements
    on
        months.account_id = movements.account_id
        and months.mrr_month = movements.mrr_month
where coalesce(months.moved_mrr, 0) <> coalesce(movements.moved_mrr, 0)
