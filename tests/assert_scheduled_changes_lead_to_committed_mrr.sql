-- A returned row is an account whose balance and schedule do not add to committed MRR.
with

clock as (

    select * from {{ ref('stg_run__clock') }}

),

amounts as (

    select
        months.account_id,
        months.closing_mrr as amount
    from {{ ref('fct_account_mrr_months') }} as months
    inner join clock
        on months.mrr_month = clock.as_of_month

    union all

    select
        account_id,
        mrr_delta as amount
    from {{ ref('fct_scheduled_mrr_changes') }}

),

known as (

    select
        account_id,
        sum(amount) as committed_mrr
    from amounts
    group by account_id

),

published as (

    select
        committed_months.account_id,
        committed_months.committed_mrr
    from {{ ref('fct_account_committed_mrr_months') }} as committed_months
    inner join clock
        on committed_months.mrr_month = clock.as_of_month

)

select
    coalesce(known.account_id, published.account_id) as account_id,
    known.committed_mrr as known_mrr,
    published.committed_mrr as published_mrr
from known
full outer join published
    on known.account_id = published.account_id
where coalesce(known.committed_mrr, 0) <> coalesce(published.committed_mrr, 0)
