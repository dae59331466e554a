{# What was done of each step by AS_OF: ever, and for first value in its last days. #}
with

steps as (

    select * from {{ ref('int_onboarding_steps_listed') }}

),

feature_days as (

    select * from {{ ref('int_feature_days_rolled_up') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

done as (

    select
        steps.account_id,
        steps.step_number,
        count(distinct feature_days.user_id) as user_count,
        sum(feature_days.event_count) as event_count
    from steps
    cross join clock
    inner join feature_days
        on
            steps.account_id = feature_days.account_id
            and steps.event_name = feature_days.event_name
            and (
                steps.within_days is null
                or {{ days_after('steps.within_days', 'feature_days.occurred_on') }}
                > clock.as_of_on
            )
    group by steps.account_id, steps.step_number

),

measured as (

    select
        steps.account_id,
        steps.step_number,
        steps.step,
        steps.event_name,
        steps.min_users,
        steps.min_events,
        steps.expected_within_days,
        coalesce(done.user_count, 0) as user_count,
        coalesce(done.event_count, 0) as event_count,
        coalesce(
            done.user_count >= steps.min_users
            and done.event_count >= steps.min_events, false
        ) as is_done
    from steps
    left join done
        on
            steps.account_id = done.account_id
            and steps.step_number = done.step_number

)

select * from measured
