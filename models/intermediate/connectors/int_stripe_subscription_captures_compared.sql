{# A term is a billing period longer than a month; a monthly subscription ends only
   where that is scheduled. #}
with

looks as (

    select * from {{ ref('int_stripe_subscription_looks_unioned') }}

),

lines as (

    select * from {{ ref('int_stripe_lines_filtered') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

-- One snapshot read as history: what was billed before the next look, and was paid.
payments as (

    select
        looks.subscription_id,
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
    from looks
    inner join lines
        on looks.subscription_id = lines.subscription_id
    where
        looks.is_first
        and (
            looks.status not in ('active', 'past_due')
            or looks.pause_behavior is not null
            or looks.trial_ended_at > looks.captured_at
        )
        and lines.amount > 0
        and (
            looks.next_captured_at is null
            or cast(lines.period_started_at as date)
            < cast(looks.next_captured_at as date)
        )
    group by looks.subscription_id

),

captures as (

    select
        looks.subscription_id,
        looks.captured_at,
        looks.is_first,
        case
            when looks.status in ('canceled', 'incomplete_expired')
                then 'ended'
            when
                looks.status in ('active', 'past_due')
                and looks.pause_behavior is not null
                then 'paused'
            else looks.status
        end as status,
        looks.status = 'incomplete_expired' as is_expired,
        cast(looks.captured_at as date) as captured_on,
        cast(
            coalesce(
                looks.started_at, looks.created_at, looks.captured_at
            ) as date
        ) as started_on,
        cast(looks.trial_ended_at as date) as trial_ended_on,
        cast(looks.period_started_at as date) as period_started_on,
        cast(looks.period_ends_at as date) as period_ends_on,
        -- An end before what was paid for is none, and one not told is the end of that.
        case
            when
                looks.is_first
                and payments.paid_until is not null
                and (
                    looks.ended_at is null
                    or cast(looks.ended_at as date) < payments.last_paid_from
                )
                then payments.paid_until
            else cast(
                coalesce(looks.ended_at, looks.version_captured_at) as date
            )
        end as ended_on,
        cast(looks.notice_at as date) as notice_told_on,
        cast(looks.version_captured_at as date) as version_captured_on,
        cast(looks.cancels_at as date) as cancels_on,
        looks.cancels_at is not null
        or coalesce(looks.is_ending_with_period, false)
            as is_ending,
        payments.billed_from,
        payments.paid_from,
        payments.paid_until,
        clock.as_of_on as known_on
    from looks
    cross join clock
    left join payments
        on
            looks.subscription_id = payments.subscription_id
            and looks.is_first
            and (
                looks.status <> 'trialing'
                or looks.trial_ended_at is null
                or payments.paid_from < cast(looks.trial_ended_at as date)
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
        trial_ended_on > captured_on and trial_ended_on <= known_on
            as is_trial_over,
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
