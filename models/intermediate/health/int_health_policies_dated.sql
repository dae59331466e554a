{# Which profiles score a day: the chosen one every day, the others at month ends. #}
with

dates as (

    select * from {{ ref('int_health_dates_described') }}

),

policy_versions as (

    select * from {{ ref('int_health_policy_versions_named') }}

),

profiles as (

    select * from {{ ref('health_profiles') }}

),

choices as (

    select * from {{ ref('health_profile_choices') }}

),

choice_versions as (

    select
        profile,
        valid_from,
        coalesce(
            lead(valid_from) over (
                order by valid_from
            ),
            {{ far_future() }}
        ) as valid_to
    from choices

),

dated as (

    select
        dates.date_on,
        profiles.profile,
        profiles.combining,
        profiles.is_reference,
        policy_versions.policy_version,
        coalesce(choice_versions.profile = profiles.profile, false) as is_chosen
    from dates
    inner join policy_versions
        on
            dates.date_on >= policy_versions.valid_from
            and dates.date_on < policy_versions.valid_to
    inner join profiles
        on policy_versions.profile = profiles.profile
    left join choice_versions
        on
            dates.date_on >= choice_versions.valid_from
            and dates.date_on < choice_versions.valid_to
    where
        dates.is_month_end
        or choice_versions.profile = profiles.profile

)

select * from dated
