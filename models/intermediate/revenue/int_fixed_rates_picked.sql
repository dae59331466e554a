{# The run's rate, and that of the end of the year before it. #}
with

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

days as (

    select
        as_of_on,
        {{ days_after(
            -1, "cast(date_trunc('year', as_of_on) as date)"
        ) }} as last_year_ends_on
    from clock

),

picked as (

    select
        run_rates.currency,
        run_rates.rate as run_rate,
        last_rates.rate as constant_rate
    from days
    inner join rates as run_rates
        on
            days.as_of_on >= run_rates.counted_from
            and days.as_of_on < coalesce(run_rates.valid_to, {{ far_future() }})
    inner join rates as last_rates
        on
            run_rates.currency = last_rates.currency
            and days.last_year_ends_on >= last_rates.counted_from
            and days.last_year_ends_on
            < coalesce(last_rates.valid_to, {{ far_future() }})

)

select * from picked
