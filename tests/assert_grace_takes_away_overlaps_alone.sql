-- A row is a month end that the grace reads below what was booked and paid once.
with

month_ends as (

    select * from {{ ref('int_retention_month_ends_measured') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

overlap_steps as (

    select * from {{ ref('int_early_overlaps_stepped') }}

),

doubled as (

    select
        overlap_steps.account_id,
        overlap_steps.currency,
        months.month_number,
        sum(overlap_steps.overlap_delta) as overlap_native
    from overlap_steps
    inner join months
        on overlap_steps.effective_on <= months.month_ends_on
    group by overlap_steps.account_id, overlap_steps.currency, months.month_number

)

select
    month_ends.account_id,
    month_ends.currency,
    month_ends.month_number
from month_ends
left join doubled
    on
        month_ends.account_id = doubled.account_id
        and month_ends.currency = doubled.currency
        and month_ends.month_number = doubled.month_number
where
    month_ends.graced_native
    < month_ends.mrr_native - coalesce(doubled.overlap_native, 0)
    or (
        month_ends.graced_native > month_ends.mrr_native
        and month_ends.mrr_native > 0
    )
