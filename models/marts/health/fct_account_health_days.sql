{# What an earlier run scored stays as it was; the rest is what this run scored. #}
with

days as (

    select * from {{ ref('int_health_days_spined') }}

),

awaited as (

    select * from {{ ref('int_health_days_awaited') }}

),

remembered as (

    select * from {{ ref('stg_run__health_days') }}

),

scored as (

    select * from {{ ref('int_health_days_scored') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

kept as (

    select remembered.*
    from remembered
    left join awaited
        on
            remembered.account_id = awaited.account_id
            and remembered.health_on = awaited.health_on
    where awaited.account_id is null

),

unioned as (

    select
        account_id,
        health_on,
        profile,
        health_band,
        held_band,
        exception,
        weakest_measure,
        strongest_measure,
        reason,
        health_score,
        health_score_before_exceptions,
        score_change_1_day,
        score_change_7_days,
        score_change_30_days,
        coverage_rate,
        input_family_count,
        measure_count,
        stalest_input_days,
        policy_version,
        computed_from_received_until,
        false as is_scored_now
    from kept

    union all

    select
        account_id,
        health_on,
        profile,
        health_band,
        held_band,
        exception,
        weakest_measure,
        strongest_measure,
        reason,
        health_score,
        health_score_before_exceptions,
        score_change_1_day,
        score_change_7_days,
        score_change_30_days,
        coverage_rate,
        input_family_count,
        measure_count,
        stalest_input_days,
        policy_version,
        computed_from_received_until,
        true as is_scored_now
    from scored

),

contracted as (

    select
        cast(days.account_id as string) as account_id,
        cast(days.health_on as date) as health_on,

        cast(days.ultimate_parent_id as string) as ultimate_parent_id,
        cast(days.tier as string) as tier,
        cast(days.desired_outcome as string) as desired_outcome,
        cast(days.engagement_model as string) as engagement_model,
        cast(unioned.profile as string) as profile,
        cast(unioned.health_band as string) as health_band,
        cast(unioned.held_band as string) as held_band,
        cast(unioned.exception as string) as exception,
        cast(unioned.weakest_measure as string) as weakest_measure,
        cast(unioned.strongest_measure as string) as strongest_measure,
        cast(unioned.reason as string) as reason,

        cast(unioned.health_score as double) as health_score,
        cast(unioned.health_score_before_exceptions as double)
            as health_score_before_exceptions,
        cast(unioned.score_change_1_day as double) as score_change_1_day,
        cast(unioned.score_change_7_days as double) as score_change_7_days,
        cast(unioned.score_change_30_days as double) as score_change_30_days,
        cast(unioned.coverage_rate as double) as coverage_rate,
        cast(unioned.input_family_count as bigint) as input_family_count,
        cast(unioned.measure_count as bigint) as measure_count,
        cast(unioned.stalest_input_days as bigint) as stalest_input_days,
        {{ money('days.mrr') }} as mrr,

        cast(unioned.policy_version as string) as policy_version,
        cast(unioned.computed_from_received_until as timestamp)
            as computed_from_received_until,
        unioned.is_scored_now and not clock.is_health_whole as is_provisional
    from days
    cross join clock
    inner join unioned
        on
            days.account_id = unioned.account_id
            and days.health_on = unioned.health_on

)

select * from contracted
