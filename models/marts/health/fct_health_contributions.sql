with

measures as (

    select * from {{ ref('int_health_measures_unpivoted') }}

),

health_days as (

    select * from {{ ref('fct_account_health_days') }}

),

contributions as (

    select
        cast(measures.account_id as string) as account_id,
        cast(measures.health_on as date) as health_on,
        cast(measures.measure as string) as measure,

        cast(measures.input_value as double) as input_value,
        cast(measures.measure_score as double) as measure_score,
        cast(measures.weight as double) as weight,
        case
            when health_days.health_score is not null
                then {{ ratio(
                    'measures.weight * measures.measure_score',
                    'health_days.coverage_rate'
                ) }}
        end as contribution,
        cast(measures.freshness_days as bigint) as freshness_days
    from measures
    inner join health_days
        on
            measures.account_id = health_days.account_id
            and measures.health_on = health_days.health_on
    where measures.weight > 0

)

select * from contributions
