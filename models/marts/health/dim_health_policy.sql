{# The rules as they stand on the run's day: what weighs how much, and what it means. #}
with

policies as (

    select * from {{ ref('int_health_policy_versions_named') }}

),

weights as (

    select * from {{ ref('int_health_weights_resolved') }}

),

measures as (

    select * from {{ ref('health_measures') }}

),

profiles as (

    select * from {{ ref('health_profiles') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

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

contracted as (

    select
        cast(policies.profile as string) as profile,
        cast(weights.engagement_model as string) as engagement_model,
        cast(weights.measure as string) as measure,

        cast(weights.family as string) as family,
        cast(versions.direction as string) as direction,
        cast(versions.description as string) as description,
        cast(versions.poor_words as string) as poor_words,
        cast(versions.good_words as string) as good_words,
        cast(profiles.description as string) as profile_description,
        cast(profiles.source as string) as profile_source,
        cast(weights.weight as double) as weight,
        cast(weights.expires_after_days as bigint) as expires_after_days,
        cast(versions.is_our_activity as boolean) as is_our_activity,
        cast(profiles.is_reference as boolean) as is_reference,
        cast(policies.policy_version as string) as policy_version
    from clock
    inner join policies
        on
            clock.as_of_on >= policies.valid_from
            and clock.as_of_on < policies.valid_to
    inner join profiles
        on policies.profile = profiles.profile
    inner join weights
        on policies.policy_version = weights.policy_version
    inner join measure_versions as versions
        on
            weights.measure = versions.measure
            and clock.as_of_on >= versions.valid_from
            and clock.as_of_on < versions.valid_to

)

select * from contracted
