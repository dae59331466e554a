{# Complete month ends, as booked and as the grace policies read them. #}
with

month_ends as (

    select * from {{ ref('int_mrr_month_ends_converted') }}

),

bridges as (

    select * from {{ ref('int_late_renewals_bridged') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

complete_months as (

    select
        dates.month_number,
        dates.date_on
    from dates
    inner join clock
        on dates.date_on <= clock.last_complete_on
    where dates.is_month_end

),

balances as (

    select
        month_ends.account_id,
        month_ends.currency,
        month_ends.month_number,
        month_ends.mrr,
        month_ends.mrr_native,
        month_ends.mrr_native as graced_native
    from month_ends
    inner join complete_months
        on month_ends.month_number = complete_months.month_number

    union all

    select
        bridges.account_id,
        bridges.currency,
        complete_months.month_number,
        {{ money('0') }} as mrr,
        {{ money('0') }} as mrr_native,
        bridges.mrr_native as graced_native
    from bridges
    inner join complete_months
        on
            bridges.valid_from <= complete_months.date_on
            and bridges.valid_to > complete_months.date_on

)

select * from balances
