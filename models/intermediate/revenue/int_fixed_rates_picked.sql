{# A currency whose rates begin after the day in question has its first rate. #}
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

last_years as (

    select
        clock.as_of_on,
        max(dates.date_on) as last_year_ends_on
    from clock
    inner join dates
        on dates.calendar_year < extract(year from clock.as_of_on)
    group by clock.as_of_on

),

since as (

    select
        *,
        row_number() over (
            partition by currency
            order by valid_from
        ) = 1 as is_first
    from rates

),

picked as (

    select
        since.currency,
        max_by(
            since.rate,
            case
                when since.is_first or since.valid_from <= last_years.as_of_on
                    then since.valid_from
            end
        ) as run_rate,
        max_by(
            since.rate,
            case
                when since.is_first or since.valid_from <= last_years.last_year_ends_on
                    then since.valid_from
            end
        ) as constant_rate
    from since
    cross join last_years
    group by since.currency

)

select * from picked
