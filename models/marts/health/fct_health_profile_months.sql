{# Every profile side by side at month ends; hysteresis would need each day. #}
with

capped as (

    select * from {{ ref('int_health_scores_capped') }}

),

dates as (

    select * from {{ ref('int_health_dates_described') }}

),

remembered as (

    select * from {{ ref('stg_run__health_profile_months') }}

),

days as (

    select * from {{ ref('int_health_days_spined') }}

),

awaited as (

    select * from {{ ref('int_health_days_awaited') }}

),

made as (

    select
        capped.account_id,
        capped.health_on,
        capped.profile,
        case
            when capped.health_score is null then 'unknown'
            when capped.health_score >= capped.green_from_score then 'green'
            when capped.health_score >= capped.yellow_from_score then 'yellow'
            else 'red'
        end as health_band,
        capped.health_score,
        capped.coverage_rate,
        capped.measure_count,
        capped.weakest_measure,
        capped.policy_version
    from capped
    inner join dates
        on capped.health_on = dates.date_on
    where dates.is_month_end

),

unioned as (

    select
        account_id,
        health_on,
        profile,
        health_band,
        health_score,
        coverage_rate,
        measure_count,
        weakest_measure,
        policy_version
    from made

    union all

    select
        remembered.account_id,
        remembered.health_on,
        remembered.profile,
        remembered.health_band,
        remembered.health_score,
        remembered.coverage_rate,
        remembered.measure_count,
        remembered.weakest_measure,
        remembered.policy_version
    from remembered
    left join awaited
        on
            remembered.account_id = awaited.account_id
            and remembered.health_on = awaited.health_on
    where awaited.account_id is null

),

contracted as (

    select
        cast(unioned.account_id as string) as account_id,
        cast(unioned.health_on as date) as health_on,
        cast(unioned.profile as string) as profile,

        cast(days.ultimate_parent_id as string) as ultimate_parent_id,
        cast(unioned.health_band as string) as health_band,
        cast(unioned.weakest_measure as string) as weakest_measure,

        cast(unioned.health_score as double) as health_score,
        cast(unioned.coverage_rate as double) as coverage_rate,
        cast(unioned.measure_count as bigint) as measure_count,
        {{ money('days.mrr') }} as mrr,

        cast(unioned.policy_version as string) as policy_version
    from unioned
    inner join days
        on
            unioned.account_id = days.account_id
            and unioned.health_on = days.health_on

)

select * from contracted
