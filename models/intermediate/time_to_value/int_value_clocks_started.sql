{# The clock starts on the first paid day and stops when the account leaves. #}
with

turns as (

    select * from {{ ref('int_account_days_classified') }}

),

segments as (

    select * from {{ ref('int_account_segments_assigned') }}

),

milestones as (

    select * from {{ ref('milestones') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

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

spans as (

    select
        turns.account_id,
        min(case when turns.movement = 'new' then turns.effective_on end)
            as clock_started_on,
        min(
            case
                when turns.movement = 'churn' and turns.sub_reason <> 'late_renewal'
                    then turns.effective_on
                when turns.movement = 'pause' then turns.cancelled_on
            end
        ) as left_on
    from turns
    inner join clock
        on turns.effective_on <= clock.as_of_on
    group by turns.account_id

),

started as (

    select
        spans.account_id,
        spans.clock_started_on,
        spans.left_on,
        segments.ultimate_parent_id,
        segments.desired_outcome,
        segments.tier,
        segments.engagement_model,
        segments.owner_id,
        versions.milestone,
        versions.event_name,
        versions.min_users,
        versions.min_events,
        versions.within_days,
        versions.expected_within_days
    from spans
    inner join segments
        on
            spans.account_id = segments.account_id
            and spans.clock_started_on >= segments.valid_from
            and spans.clock_started_on < coalesce(
                segments.valid_to, {{ far_future() }}
            )
    left join milestone_versions as versions
        on
            segments.desired_outcome = versions.desired_outcome
            and spans.clock_started_on >= versions.valid_from
            and spans.clock_started_on < coalesce(
                versions.valid_to, {{ far_future() }}
            )

)

select * from started
