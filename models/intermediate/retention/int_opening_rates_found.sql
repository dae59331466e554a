{# One rate per currency for all amounts of a window: that of its opening instant. #}
with

dates as (

    select * from {{ ref('dim_dates') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

first_rates as (

    select
        currency,
        min(valid_from) as rate_valid_from
    from rates
    group by currency

),

openings as (

    select
        dates.month_number,
        dates.date_on as opening_on
    from dates
    inner join clock
        on dates.date_on <= clock.last_complete_on
    where dates.is_month_end

),

found as (

    select
        openings.month_number,
        openings.opening_on,
        rates.currency,
        rates.rate
    from openings
    cross join first_rates
    inner join rates
        on
            first_rates.currency = rates.currency
            -- A currency without a rate at the opening is valued at its first one.
            and greatest(openings.opening_on, first_rates.rate_valid_from)
            >= rates.valid_from
            and greatest(openings.opening_on, first_rates.rate_valid_from)
            < coalesce(rates.valid_to, {{ far_future() }})

)

select * from found
