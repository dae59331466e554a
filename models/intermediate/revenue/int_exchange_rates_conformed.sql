{# Landed rates replace the seed entirely, even where none can be used. #}
with

seeded as (

    select * from {{ ref('exchange_rates') }}

),

landed as (

    select * from {{ ref('stg_files__exchange_rates') }}

),

loads as (

    select * from {{ ref('stg_run__loads') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

landings as (

    select count(*) as landing_count
    from loads
    where
        source_system = 'files'
        and entity = 'exchange_rates'
        and load_status <> 'absent'

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
    cross join landings
    where landings.landing_count = 0

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
        case
            when
                row_number() over (
                    partition by currency
                    order by valid_from
                ) > 1
                then valid_from
            else {{ the_beginning() }}
        end as counted_from,
        cast(rate as decimal(18, 8)) as rate
    from to_reporting

)

select * from conformed
