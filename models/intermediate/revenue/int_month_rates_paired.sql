with

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

closing as (

    select
        rates.currency,
        dates.month_number,
        least(dates.month_ends_on, clock.as_of_on) as closing_on,
        rates.rate as closing_rate
    from dates
    inner join clock
        on dates.calendar_month <= clock.as_of_on
    inner join rates
        on
            clock.reporting_currency <> rates.currency
            and least(dates.month_ends_on, clock.as_of_on) >= rates.valid_from
            and least(dates.month_ends_on, clock.as_of_on)
            < coalesce(rates.valid_to, {{ far_future() }})
    where dates.is_month_end

),

paired as (

    select
        currency,
        month_number,
        lag(closing_on, 1, {{ the_beginning() }}) over currency_months as opening_on,
        lag(closing_rate, 1, 0) over currency_months as opening_rate,
        closing_on,
        closing_rate
    from closing
    window currency_months as (
        partition by currency
        order by month_number
    )

)

select * from paired
