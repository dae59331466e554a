with

steps as (

    select * from {{ ref('int_onboarding_steps_measured') }}

),

time_to_value as (

    select * from {{ ref('fct_time_to_value') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

next_steps as (

    select
        account_id,
        max(step_number) as step_count,
        min(case when not is_done then step_number end) as step_number
    from steps
    group by account_id

),

late as (

    select
        cast(time_to_value.account_id as string) as account_id,

        cast(accounts.owner_id as string) as owner_id,
        cast(time_to_value.desired_outcome as string) as desired_outcome,
        cast(time_to_value.tier as string) as tier,
        cast(time_to_value.milestone as string) as milestone,
        cast(steps.step as string) as missing_step,
        cast(steps.event_name as string) as event_name,

        time_to_value.clock_started_on,

        cast(next_steps.step_number as bigint) as step_number,
        cast(next_steps.step_count as bigint) as step_count,
        time_to_value.observed_days as waited_days,
        cast(steps.expected_within_days as bigint) as expected_within_days,
        cast(time_to_value.observed_days - steps.expected_within_days as bigint)
            as late_days,
        cast(steps.user_count as bigint) as user_count,
        cast(steps.min_users as bigint) as min_users,
        cast(steps.event_count as bigint) as event_count,
        cast(steps.min_events as bigint) as min_events,
        accounts.current_mrr
    from next_steps
    inner join steps
        on
            next_steps.account_id = steps.account_id
            and next_steps.step_number = steps.step_number
    inner join time_to_value
        on next_steps.account_id = time_to_value.account_id
    inner join accounts
        on next_steps.account_id = accounts.account_id
    where
        accounts.is_paying
        and time_to_value.observed_days > steps.expected_within_days

)

select * from late
