{# A version bears its first day and a checksum of every policy row up to that day. #}
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
        valid_from,
        concat_ws(
            '|', 'feature', event_name, feature, cast(is_vanity as string),
            cast(is_friction as string), cast(is_customer_initiated as string)
        ) as policy_text
    from feature_catalogue

    union all

    select
        valid_from,
        concat_ws(
            '|', 'measure', measure, family, cast(expires_after_days as string)
        ) as policy_text
    from measures

    union all

    select
        valid_from,
        concat_ws(
            '|', 'curve', measure, cast(input_value as string),
            cast(measure_score as string)
        ) as policy_text
    from curves

    union all

    select
        valid_from,
        concat_ws('|', 'weight', engagement_model, measure, cast(weight as string))
            as policy_text
    from weights

    union all

    select
        valid_from,
        concat_ws(
            '|', 'band', health_band, cast(min_score as string),
            cast(hysteresis_width as string)
        ) as policy_text
    from bands

    union all

    select
        valid_from,
        concat_ws('|', 'exception', exception, cast(max_score as string))
            as policy_text
    from exceptions

),

dated as (

    select
        valid_from,
        concat_ws('|', cast(valid_from as string), policy_text) as dated_text
    from policy_rows

),

daily as (

    select
        valid_from,
        sum({{ hashed_number('dated_text') }}) as policy_sum
    from dated
    group by valid_from

),

named as (

    select
        valid_from,
        coalesce(
            lead(valid_from) over (
                order by valid_from
            ),
            {{ far_future() }}
        ) as valid_to,
        concat_ws(
            '-',
            cast(valid_from as string),
            cast(
                cast(
                    sum(policy_sum) over (
                        order by valid_from
                        rows between unbounded preceding and current row
                    ) as bigint
                ) as string
            )
        ) as policy_version
    from daily

)

select * from named
