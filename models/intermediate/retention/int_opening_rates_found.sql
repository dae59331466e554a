{# One rate per currency for all amounts of a window: that of its opening instant. #}
with

months as (

    select * from {{ ref('int_months_listed') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

openings as (

    select
        month_number,
        month_ends_on as opening_on
    from months
    where is_complete

),

found as (

    select
        openings.month_number,
        openings.opening_on,
        rates.currency,
        rates.rate
    from openings
    inner join rates
        on
            openings.opening_on >= rates.counted_from
            and openings.opening_on < coalesce(rates.valid_to, {{ far_future() }})

)

select * from found
