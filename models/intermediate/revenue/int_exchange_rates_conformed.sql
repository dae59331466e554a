{# Landed rates replace the seed entirely; a currency to itself is 1. #}
with

seeded as (

    select * from {{ ref('exchange_rates') }}

),

landed as (

    select * from {{ ref('stg_files__exchange_rates') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

landed_counted as (

    select count(*) as landed_count
    from landed

),

chosen as (

    select
        currency,
        to_currency,
        valid_from,
        rate
    from landed

    union all

    select
        seeded.currency,
        seeded.to_currency,
        seeded.valid_from,
        seeded.rate
    from seeded
    cross join landed_counted
    where landed_counted.landed_count = 0

),

to_reporting as (

    select
        chosen.currency,
        chosen.valid_from,
        chosen.rate
    from chosen
    cross join clock
    where
        chosen.to_currency = clock.reporting_currency
        and chosen.currency <> clock.reporting_currency
        and chosen.rate > 0

    union all

    select
        reporting_currency as currency,
        {{ the_beginning() }} as valid_from,
        cast(1 as decimal(18, 8)) as rate
    from clock

),

conformed as (

    select
        currency,
        valid_from,
        lead(valid_from) over (
            partition by currency
            order by valid_from
        ) as valid_to,
        cast(rate as decimal(18, 8)) as rate
    from to_reporting

)

select * from conformed
