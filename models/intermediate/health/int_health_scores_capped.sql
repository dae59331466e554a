{{ config(materialized='table') }}
{# An exception lowers a score to its cap; it lifts none and says nothing of unknown. #}
with

weighed as (

    select * from {{ ref('int_health_scores_weighed') }}

),

limits as (

    select * from {{ ref('int_health_limits_pivoted') }}

),

support as (

    select * from {{ ref('int_support_measures_derived') }}

),

renewal as (

    select * from {{ ref('int_renewal_measures_derived') }}

),

limited as (

    select
        weighed.*,
        limits.green_from_score,
        limits.green_until_score,
        limits.yellow_from_score,
        limits.yellow_until_score,
        case
            when support.is_severity_1_open
                then coalesce(limits.open_severity_1_cap, 100)
            else 100
        end as severity_1_cap,
        case
            when renewal.is_notice_given then coalesce(limits.notice_given_cap, 100)
            else 100
        end as notice_cap
    from weighed
    left join limits
        on weighed.policy_version = limits.policy_version
    left join support
        on
            weighed.account_id = support.account_id
            and weighed.health_on = support.health_on
    left join renewal
        on
            weighed.account_id = renewal.account_id
            and weighed.health_on = renewal.health_on

),

capped as (

    select
        account_id,
        health_on,
        spell_key,
        profile,
        policy_version,
        is_chosen,
        coverage_rate,
        measure_count,
        input_family_count,
        stalest_input_days,
        weakest_measure,
        strongest_measure,
        green_from_score,
        green_until_score,
        yellow_from_score,
        yellow_until_score,
        score_before_exceptions,
        case
            when score_before_exceptions is not null
                then least(score_before_exceptions, severity_1_cap, notice_cap)
        end as health_score,
        case
            when least(severity_1_cap, notice_cap) = 100 then null
            when notice_cap <= severity_1_cap then 'notice_given'
            else 'open_severity_1'
        end as exception
    from limited

)

select * from capped
