{{ config(materialized='table') }}
{# The set of weights in force on each day on which any policy changes. #}
with

weights as (

    select * from {{ ref('health_weights') }}

),

measures as (

    select * from {{ ref('health_measures') }}

),

engagement_models as (

    select * from {{ ref('engagement_models') }}

),

policy_versions as (

    select * from {{ ref('int_health_policy_versions_named') }}

),

served_models as (

    select engagement_model
    from engagement_models

    union

    select 'unassigned' as engagement_model

),

weight_sets as (

    select
        profile,
        engagement_model,
        valid_from
    from weights
    group by profile, engagement_model, valid_from

),

ranked as (

    select
        served_models.engagement_model,
        policy_versions.profile,
        policy_versions.valid_from,
        policy_versions.policy_version,
        weight_sets.engagement_model as set_engagement_model,
        weight_sets.valid_from as set_valid_from,
        row_number() over (
            partition by served_models.engagement_model, policy_versions.policy_version
            order by
                case when weight_sets.engagement_model = 'any' then 1 else 0 end,
                weight_sets.valid_from desc
        ) as set_rank
    from served_models
    cross join policy_versions
    inner join weight_sets
        on
            policy_versions.profile = weight_sets.profile
            and policy_versions.valid_from >= weight_sets.valid_from
            and weight_sets.engagement_model in (served_models.engagement_model, 'any')

),

measure_versions as (

    select
        *,
        coalesce(
            lead(valid_from) over (
                partition by measure
                order by valid_from
            ),
            {{ far_future() }}
        ) as valid_to
    from measures

),

resolved as (

    select
        ranked.engagement_model,
        weights.measure,
        ranked.policy_version,
        measure_versions.family,
        measure_versions.expires_after_days,
        cast(weights.weight as double) as weight,
        -- Breaks ties between measures, the same way in every run.
        row_number() over (
            partition by ranked.policy_version, ranked.engagement_model
            order by weights.measure
        ) as measure_number
    from ranked
    inner join weights
        on
            ranked.profile = weights.profile
            and ranked.set_engagement_model = weights.engagement_model
            and ranked.set_valid_from = weights.valid_from
    inner join measure_versions
        on
            weights.measure = measure_versions.measure
            and ranked.valid_from >= measure_versions.valid_from
            and ranked.valid_from < measure_versions.valid_to
    where ranked.set_rank = 1

)

select * from resolved
