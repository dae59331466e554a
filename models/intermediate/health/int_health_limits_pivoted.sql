{{ config(materialized='table') }}
{# Band thresholds and caps in force between two days on which any policy changes. #}
with

policy_versions as (

    select * from {{ ref('int_health_policy_versions_named') }}

),

bands as (

    select * from {{ ref('health_bands') }}

),

exceptions as (

    select * from {{ ref('health_exceptions') }}

),

limits as (

    select
        profile,
        health_band as limit_name,
        valid_from,
        min_score as limit_score,
        min_score - hysteresis_width as release_score
    from bands

    union all

    select
        profile,
        exception as limit_name,
        valid_from,
        max_score as limit_score,
        max_score as release_score
    from exceptions

),

limit_versions as (

    select
        *,
        coalesce(
            lead(valid_from) over (
                partition by profile, limit_name
                order by valid_from
            ),
            {{ far_future() }}
        ) as valid_to
    from limits

),

pivoted as (

    select
        policy_versions.policy_version,
        max(case when limits.limit_name = 'green' then limits.limit_score end)
            as green_from_score,
        max(case when limits.limit_name = 'green' then limits.release_score end)
            as green_until_score,
        max(case when limits.limit_name = 'yellow' then limits.limit_score end)
            as yellow_from_score,
        max(case when limits.limit_name = 'yellow' then limits.release_score end)
            as yellow_until_score,
        max(case when limits.limit_name = 'open_severity_1' then limits.limit_score end)
            as open_severity_1_cap,
        max(case when limits.limit_name = 'notice_given' then limits.limit_score end)
            as notice_given_cap
    from policy_versions
    left join limit_versions as limits
        on
            policy_versions.profile = limits.profile
            and policy_versions.valid_from >= limits.valid_from
            and policy_versions.valid_from < limits.valid_to
    group by policy_versions.policy_version

)

select * from pivoted
