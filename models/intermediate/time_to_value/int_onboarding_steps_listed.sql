{# What each account that still waits has to do, in order; first value is the last. #}
with

waits as (

    select * from {{ ref('int_value_waits_ended') }}

),

clocks as (

    select * from {{ ref('int_value_clocks_started') }}

),

steps as (

    select * from {{ ref('onboarding_steps') }}

),

waiting as (

    select clocks.*
    from waits
    inner join clocks
        on waits.account_id = clocks.account_id
    where waits.status = 'censored' and waits.is_start_observed

),

-- The steps of an outcome change together: those of the latest day are in force.
versions as (

    select
        waiting.account_id,
        waiting.desired_outcome,
        max(steps.valid_from) as valid_from
    from waiting
    inner join steps
        on
            waiting.desired_outcome = steps.desired_outcome
            and waiting.clock_started_on >= steps.valid_from
    group by waiting.account_id, waiting.desired_outcome

),

paths as (

    select
        versions.account_id,
        steps.step_number,
        steps.step,
        steps.event_name,
        steps.min_users,
        steps.min_events,
        cast(null as bigint) as within_days,
        steps.expected_within_days
    from versions
    inner join steps
        on
            versions.desired_outcome = steps.desired_outcome
            and versions.valid_from = steps.valid_from

),

path_lengths as (

    select
        account_id,
        max(step_number) as step_count
    from paths
    group by account_id

),

listed as (

    select
        account_id,
        step_number,
        step,
        event_name,
        min_users,
        min_events,
        within_days,
        expected_within_days
    from paths

    union all

    select
        waiting.account_id,
        coalesce(path_lengths.step_count, 0) + 1 as step_number,
        waiting.milestone as step,
        waiting.event_name,
        waiting.min_users,
        waiting.min_events,
        waiting.within_days,
        waiting.expected_within_days
    from waiting
    left join path_lengths
        on waiting.account_id = path_lengths.account_id

)

select * from listed
