-- A returned row is a movement or month after the run's day.
with

clock as (

    select * from {{ ref('stg_run__clock') }}

)

select
    movements.account_id,
    movements.effective_on as dated_on
from {{ ref('fct_mrr_movements') }} as movements
inner join clock
    on movements.effective_on > clock.as_of_on

union all

select
    months.account_id,
    months.mrr_month as dated_on
from {{ ref('fct_account_mrr_months') }} as months
inner join clock
    on months.mrr_month > clock.as_of_on
