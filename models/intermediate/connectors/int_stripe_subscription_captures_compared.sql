{# A term is a billing period longer than a month; a monthly subscription ends only
   where that is scheduled. #}
with

subscription_versions as (

    select * from {{ ref('stg_stripe__subscription_versions') }}

),

item_captures as (

    select * from {{ ref('int_stripe_item_captures_dated') }}

),

lines as (

    select * from {{ ref('int_stripe_lines_filtered') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

versions as (

    select
        subscription_versions.*,
        row_number() over (
            partition by subscription_versions.subscription_id
            order by subscription_versions.captured_at
        ) = 1 as is_first,
        lead(subscription_versions.captured_at) over (
            partition by subscription_versions.subscription_id
            order by subscription_versions.captured_at
        ) as next_captured_at
    from subscription_versions
    cross join clock
    where subscription_versions.captured_at <= clock.as_of_at

),

-- Newer connectors tell the period on the item, as it is at each look and not before.
item_periods as (

    select
        subscription_id,
        observed_at,
        lead(observed_at) over (
            partition by item_id
            order by observed_at, evidence_rank
        ) as next_observed_at,
        period_started_at,
        case when not is_gone then period_ends_at end as period_ends_at
    from item_captures
    where not is_starting_point

),

looks as (

    select
        looked.subscription_id,
        looked.observed_at,
        lead(looked.observed_at) over (
            partition by looked.subscription_id
            order by looked.observed_at
        ) as next_observed_at,
        max(item_periods.period_ends_at) as period_ends_at,
        max_by(item_periods.period_started_at, item_periods.period_ends_at)
            as period_started_at
    from item_periods as looked
    inner join item_periods
        on
            looked.subscription_id = item_periods.subscription_id
            and looked.observed_at >= item_periods.observed_at
            and (
                looked.observed_at < item_periods.next_observed_at
                or item_periods.next_observed_at is null
            )
    where item_periods.period_ends_at is not null
    group by looked.subscription_id, looked.observed_at

),

-- One snapshot read as history: what was billed before the next look, and was paid.
payments as (

    select
        versions.subscription_id,
        cast(min(lines.period_started_at) as date) as billed_from,
        cast(min(case when lines.is_paid then lines.period_started_at end) as date)
            as paid_from,
        cast(max(case when lines.is_paid then lines.period_ends_at end) as date)
            as paid_until,
        cast(max(
            case
                when lines.is_paid and not lines.is_metered
                    then lines.period_started_at
            end
        ) as date) as last_paid_from
    from versions
    inner join lines
        on versions.subscription_id = lines.subscription_id
    where
        versions.is_first
        and (
            versions.status not in ('active', 'past_due')
            or versions.pause_behavior is not null
        )
        and lines.amount > 0
        and (
            versions.next_captured_at is null
            or cast(lines.period_started_at as date)
            < cast(versions.next_captured_at as date)
        )
    group by versions.subscription_id

),

looked_at as (

    select
        versions.subscription_id,
        versions.captured_at,
        versions.captured_at as version_captured_at,
        versions.status,
        versions.pause_behavior,
        versions.started_at,
        versions.created_at,
        versions.trial_ended_at,
        coalesce(versions.period_started_at, looks.period_started_at)
            as period_started_at,
        coalesce(versions.period_ends_at, looks.period_ends_at) as period_ends_at,
        versions.ended_at,
        versions.notice_at,
        versions.cancels_at,
        versions.is_ending_with_period,
        versions.is_first
    from versions
    left join looks
        on
            versions.subscription_id = looks.subscription_id
            and versions.period_ends_at is null
            and versions.captured_at >= looks.observed_at
            and (
                versions.captured_at < looks.next_observed_at
                or looks.next_observed_at is null
            )

    union all

    select
        versions.subscription_id,
        looks.observed_at as captured_at,
        versions.captured_at as version_captured_at,
        versions.status,
        versions.pause_behavior,
        versions.started_at,
        versions.created_at,
        versions.trial_ended_at,
        looks.period_started_at,
        looks.period_ends_at,
        versions.ended_at,
        versions.notice_at,
        versions.cancels_at,
        versions.is_ending_with_period,
        false as is_first
    from looks
    inner join versions
        on
            looks.subscription_id = versions.subscription_id
            and looks.observed_at > versions.captured_at
            and (
                looks.observed_at < versions.next_captured_at
                or versions.next_captured_at is null
            )
    where
        versions.period_ends_at is null
        and versions.status in ('active', 'past_due', 'trialing', 'unpaid', 'paused')

),

captures as (

    select
        looked_at.subscription_id,
        looked_at.captured_at,
        looked_at.is_first,
        case
            when looked_at.status in ('canceled', 'incomplete_expired')
                then 'ended'
            when
                looked_at.status in ('active', 'past_due')
                and looked_at.pause_behavior is not null
                then 'paused'
            else looked_at.status
        end as status,
        looked_at.status = 'incomplete_expired' as is_expired,
        cast(looked_at.captured_at as date) as captured_on,
        cast(
            coalesce(
                looked_at.started_at, looked_at.created_at, looked_at.captured_at
            ) as date
        ) as started_on,
        cast(looked_at.trial_ended_at as date) as trial_ended_on,
        cast(looked_at.period_started_at as date) as period_started_on,
        cast(looked_at.period_ends_at as date) as period_ends_on,
        -- An end before what was paid for is none, and one not told is the end of that.
        case
            when
                looked_at.is_first
                and payments.paid_until is not null
                and (
                    looked_at.ended_at is null
                    or cast(looked_at.ended_at as date) < payments.last_paid_from
                )
                then payments.paid_until
            else cast(
                coalesce(looked_at.ended_at, looked_at.version_captured_at) as date
            )
        end as ended_on,
        cast(looked_at.notice_at as date) as notice_told_on,
        cast(looked_at.version_captured_at as date) as version_captured_on,
        cast(looked_at.cancels_at as date) as cancels_on,
        looked_at.cancels_at is not null
        or coalesce(looked_at.is_ending_with_period, false)
            as is_ending,
        payments.billed_from,
        payments.paid_from,
        payments.paid_until
    from looked_at
    left join payments
        on
            looked_at.subscription_id = payments.subscription_id
            and looked_at.is_first
            and (
                looked_at.status <> 'trialing'
                or looked_at.trial_ended_at is null
                or payments.paid_from < cast(looked_at.trial_ended_at as date)
            )

),

compared as (

    select
        subscription_id,
        captured_at,
        status,
        captured_on,
        started_on,
        trial_ended_on,
        period_started_on,
        ended_on,
        case
            when status = 'ended' then coalesce(notice_told_on, ended_on)
            else coalesce(notice_told_on, version_captured_on)
        end as notice_on,
        case
            when status <> 'ended' and is_ending
                then coalesce(cancels_on, period_ends_on)
            when
                status <> 'trialing'
                and {{ days_after(31, 'period_started_on') }} < period_ends_on
                then period_ends_on
        end as contract_end_on,
        -- Bills before the first that was paid are landed, or it began before that.
        case
            when
                billed_from < paid_from
                or paid_from < coalesce(trial_ended_on, started_on)
                then paid_from
            else coalesce(trial_ended_on, started_on)
        end as active_from,
        paid_until,
        is_ending
        and (
            {{ days_after(31, 'period_started_on') }} >= period_ends_on
            or cancels_on <> period_ends_on
        ) as is_end_told_by_notice,
        is_ending,
        is_first,
        is_first and is_expired and paid_until is null as is_never_paid,
        lag(status) over (
            partition by subscription_id
            order by captured_at
        ) as previous_status,
        lag(period_started_on) over (
            partition by subscription_id
            order by captured_at
        ) as previous_period_started_on,
        coalesce(
            lag(is_ending) over (
                partition by subscription_id
                order by captured_at
            ),
            false
        ) as was_ending
    from captures

)

select * from compared
