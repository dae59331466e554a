{# What is left when a foreign balance moved with its rate: the month is then exact. #}
with

month_ends as (

    select * from {{ ref('int_mrr_month_ends_converted') }}

),

booked as (

    select * from {{ ref('int_mrr_movements_booked') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

amounts as (

    select
        account_id,
        currency,
        month_number,
        mrr as closing_mrr,
        {{ money('0') }} as opening_mrr,
        {{ money('0') }} as moved_mrr
    from month_ends

    union all

    select
        month_ends.account_id,
        month_ends.currency,
        month_ends.month_number + 1 as month_number,
        {{ money('0') }} as closing_mrr,
        month_ends.mrr as opening_mrr,
        {{ money('0') }} as moved_mrr
    from month_ends
    inner join clock
        on month_ends.mrr_month < clock.as_of_month

    union all

    select
        account_id,
        currency,
        {{ month_index('effective_on') }} as month_number,
        {{ money('0') }} as closing_mrr,
        {{ money('0') }} as opening_mrr,
        mrr_delta as moved_mrr
    from booked

),

remainders as (

    select
        account_id,
        currency,
        month_number,
        {{ money('sum(closing_mrr) - sum(opening_mrr) - sum(moved_mrr)') }}
            as mrr_delta
    from amounts
    group by account_id, currency, month_number

),

derived as (

    select
        remainders.account_id,
        remainders.currency,
        least(dates.month_ends_on, clock.as_of_on) as effective_on,
        remainders.mrr_delta
    from remainders
    cross join clock
    inner join dates
        on
            remainders.month_number = dates.month_number
            and dates.is_month_end
    where remainders.mrr_delta <> 0

)

select * from derived
