{# Complete month ends, as booked and as the grace policies read them. #}
with

month_ends as (

    select * from {{ ref('int_mrr_month_ends_converted') }}

),

bridges as (

    select * from {{ ref('int_renewals_bridged') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

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
    inner join months
        on
            month_ends.month_number = months.month_number
            and months.is_complete

    union all

    select
        bridges.account_id,
        bridges.currency,
        months.month_number,
        {{ money('0') }} as mrr,
        {{ money('0') }} as mrr_native,
        bridges.mrr_native as graced_native
    from bridges
    inner join months
        on
            bridges.valid_from <= months.month_ends_on
            and coalesce(bridges.valid_to, {{ far_future() }}) > months.month_ends_on
            and months.is_complete

),

-- One row each: an overlap lies over what is booked, and is rounded with it.
measured as (

    select
        account_id,
        currency,
        month_number,
        {{ money('sum(mrr)') }} as mrr,
        {{ money('sum(mrr_native)') }} as mrr_native,
        {{ money('sum(graced_native)') }} as graced_native
    from balances
    group by account_id, currency, month_number

)

select * from measured
