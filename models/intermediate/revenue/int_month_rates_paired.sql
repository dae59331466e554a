with

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

closing as (

    select
        rates.currency,
        months.month_number,
        months.closing_on,
        rates.rate as closing_rate
    from months
    cross join clock
    inner join rates
        on
            clock.reporting_currency <> rates.currency
            and months.closing_on >= rates.valid_from
            and months.closing_on < coalesce(rates.valid_to, {{ far_future() }})

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
