{# Every row of the policy as text, of one profile or of any. #}
with

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

)

select * from policy_rows
