-- A row is an onboarding step that is due later than one that comes after it.
with

steps as (

    select * from {{ ref('onboarding_steps') }}

),

milestones as (

    select * from {{ ref('milestones') }}

),

step_versions as (

    select
        desired_outcome,
        valid_from,
        max(expected_within_days) as expected_within_days,
        lead(valid_from) over (
            partition by desired_outcome
            order by valid_from
        ) as valid_to
    from steps
    group by desired_outcome, valid_from

),

milestone_versions as (

    select
        *,
        lead(valid_from) over (
            partition by desired_outcome
            order by valid_from
        ) as valid_to
    from milestones

),

followed as (

    select
        *,
        lead(expected_within_days) over (
            partition by desired_outcome, valid_from
            order by step_number
        ) as next_within_days
    from steps

),

misplaced as (

    select
        desired_outcome,
        valid_from,
        step
    from followed
    where next_within_days < expected_within_days

    union all

    select
        step_versions.desired_outcome,
        step_versions.valid_from,
        milestone_versions.milestone as step
    from step_versions
    inner join milestone_versions
        on
            step_versions.desired_outcome = milestone_versions.desired_outcome
            and step_versions.valid_from < coalesce(
                milestone_versions.valid_to, {{ far_future() }}
            )
            and milestone_versions.valid_from < coalesce(
                step_versions.valid_to, {{ far_future() }}
            )
    where
        step_versions.expected_within_days > milestone_versions.expected_within_days

)

select * from misplaced
