-- A row is a month end that the grace reads below what was booked and paid once.
with

month_ends as (

    select * from {{ ref('int_retention_month_ends_measured') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

successors as (

    select * from {{ ref('int_early_renewals_found') }}

),

doubled as (

    select
        successors.account_id,
        successors.currency,
        months.month_number,
        sum(successors.overlap_native) as overlap_native
    from successors
    inner join months
        on
            successors.started_on <= months.month_ends_on
            and successors.settles_on > months.month_ends_on
    group by successors.account_id, successors.currency, months.month_number

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
