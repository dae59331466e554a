{# Kept for the last days and for month ends; what an earlier run wrote stays. #}
with

scored as (

    select * from {{ ref('int_health_measures_scored') }}

),

policies as (

    select * from {{ ref('int_health_policies_dated') }}

),

remembered as (

    select * from {{ ref('stg_run__health_contributions') }}

),

health_days as (

    select * from {{ ref('fct_account_health_days') }}

),

awaited as (

    select * from {{ ref('int_health_days_awaited') }}

),

dates as (

    select * from {{ ref('int_health_dates_described') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

dates_kept as (

    select dates.date_on
    from dates
    cross join clock
    where
        dates.is_month_end
        or dates.date_on
        > {{ days_after('-' ~ var('contribution_window_days'), 'clock.as_of_on') }}

),

made as (

    select
        scored.account_id,
        scored.health_on,
        scored.measure,
        scored.family,
        scored.input_value,
        scored.measure_score,
        scored.weight,
        case
            when health_days.health_score is null then null
            when policies.combining = 'weighted_mean'
                then {{ within_rounding(ratio(
                    'scored.weight * scored.measure_score',
                    'health_days.coverage_rate'
                ), 0, 100) }}
            when scored.measure = health_days.weakest_measure
                then scored.measure_score
            else 0
        end as contribution,
        scored.freshness_days
    from dates_kept
    inner join scored
        on dates_kept.date_on = scored.health_on
    inner join health_days
        on
            scored.account_id = health_days.account_id
            and scored.health_on = health_days.health_on
    inner join policies
        on
            scored.health_on = policies.date_on
            and scored.profile = policies.profile
    where scored.is_chosen

),

unioned as (

    select
        account_id,
        health_on,
        measure,
        family,
        input_value,
        measure_score,
        weight,
        contribution,
        freshness_days
    from made

    union all

    select
        remembered.account_id,
        remembered.health_on,
        remembered.measure,
        remembered.family,
        remembered.input_value,
        remembered.measure_score,
        remembered.weight,
        remembered.contribution,
        remembered.freshness_days
    from dates_kept
    inner join remembered
        on dates_kept.date_on = remembered.health_on
    inner join health_days
        on
            remembered.account_id = health_days.account_id
            and remembered.health_on = health_days.health_on
    left join awaited
        on
            remembered.account_id = awaited.account_id
            and remembered.health_on = awaited.health_on
    where awaited.account_id is null

),

contracted as (

    select
        cast(account_id as string) as account_id,
        cast(health_on as date) as health_on,
        cast(measure as string) as measure,
        cast(family as string) as family,

        cast(input_value as double) as input_value,
        cast(measure_score as double) as measure_score,
        cast(weight as double) as weight,
        cast(contribution as double) as contribution,
        cast(freshness_days as bigint) as freshness_days
    from unioned

)

select * from contracted
