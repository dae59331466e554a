{# A version bears its first day and a checksum of every policy row up to that day. #}
with

profiles as (

    select * from {{ ref('health_profiles') }}

),

feature_catalogue as (

    select * from {{ ref('feature_catalogue') }}

),

measures as (

    select * from {{ ref('health_measures') }}

),

curves as (

    select * from {{ ref('health_curves') }}

),

weights as (

    select * from {{ ref('health_weights') }}

),

bands as (

    select * from {{ ref('health_bands') }}

),

exceptions as (

    select * from {{ ref('health_exceptions') }}

),

policy_rows as (

    select
        'any' as profile,
        valid_from,
        concat_ws(
            '|', 'feature', event_name, feature, use_case, cast(is_core as string),
            cast(is_vanity as string), cast(is_friction as string),
            cast(is_customer_initiated as string)
        ) as policy_text
    from feature_catalogue

    union all

    select
        'any' as profile,
        valid_from,
        concat_ws(
            '|', 'measure', measure, family, cast(expires_after_days as string)
        ) as policy_text
    from measures

    union all

    select
        profile,
        valid_from,
        concat_ws(
            '|', 'curve', measure, shape, cast(min_age_days as string),
            cast(input_value as string), cast(measure_score as string)
        ) as policy_text
    from curves

    union all

    select
        profile,
        valid_from,
        concat_ws('|', 'weight', engagement_model, measure, cast(weight as string))
            as policy_text
    from weights

    union all

    select
        profile,
        valid_from,
        concat_ws(
            '|', 'band', health_band, cast(min_score as string),
            cast(hysteresis_width as string)
        ) as policy_text
    from bands

    union all

    select
        profile,
        valid_from,
        concat_ws('|', 'exception', exception, cast(max_score as string))
            as policy_text
    from exceptions

),

dated as (

    select
        profiles.profile,
        policy_rows.valid_from,
        concat_ws('|', cast(policy_rows.valid_from as string), policy_rows.policy_text)
            as dated_text
    from profiles
    inner join policy_rows
        on policy_rows.profile in (profiles.profile, 'any')

),

daily as (

    select
        profile,
        valid_from,
        sum({{ hashed_number('dated_text') }}) as policy_sum
    from dated
    group by profile, valid_from

),

named as (

    select
        profile,
        valid_from,
        coalesce(lead(valid_from) over versions, {{ far_future() }}) as valid_to,
        cast(
            sum(policy_sum) over (
                partition by profile
                order by valid_from
                rows between unbounded preceding and current row
            ) as bigint
        ) as policy_sum
    from daily
    window versions as (
        partition by profile
        order by valid_from
    )

),

spelled as (

    select
        profile,
        valid_from,
        valid_to,
        concat_ws(
            '-', profile, cast(valid_from as string), cast(policy_sum as string)
        ) as policy_version
    from named

)

select * from spelled
