{# A term is a billing period longer than a month; a monthly subscription ends only
   where that is scheduled. #}
with

subscription_versions as (

    select * from {{ ref('stg_stripe__subscription_versions') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

captures as (

    select
        subscription_versions.subscription_id,
        subscription_versions.captured_at,
        case
            when subscription_versions.status in ('canceled', 'incomplete_expired')
                then 'ended'
            when
                subscription_versions.status in ('active', 'past_due')
                and subscription_versions.pause_behavior is not null
                then 'paused'
            else subscription_versions.status
        end as status,
        cast(subscription_versions.captured_at as date) as captured_on,
        cast(
            coalesce(
                subscription_versions.started_at,
                subscription_versions.created_at,
                subscription_versions.captured_at
            ) as date
        ) as started_on,
        cast(subscription_versions.trial_ended_at as date) as trial_ended_on,
        cast(subscription_versions.period_started_at as date) as period_started_on,
        cast(subscription_versions.period_ends_at as date) as period_ends_on,
        cast(
            coalesce(subscription_versions.ended_at, subscription_versions.captured_at)
            as date
        ) as ended_on,
        cast(
            coalesce(subscription_versions.notice_at, subscription_versions.captured_at)
            as date
        ) as notice_on,
        cast(subscription_versions.cancels_at as date) as cancels_on,
        subscription_versions.cancels_at is not null
        or coalesce(subscription_versions.is_ending_with_period, false)
            as is_ending
    from subscription_versions
    cross join clock
    where subscription_versions.captured_at <= clock.as_of_at

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
        notice_on,
        case
            when status <> 'ended' and is_ending
                then coalesce(cancels_on, period_ends_on)
            when
                status <> 'trialing'
                and {{ days_after(31, 'period_started_on') }} < period_ends_on
                then period_ends_on
        end as contract_end_on,
        is_ending
        and (
            {{ days_after(31, 'period_started_on') }} >= period_ends_on
            or cancels_on <> period_ends_on
        ) as is_end_told_by_notice,
        is_ending,
        row_number() over (
            partition by subscription_id
            order by captured_at
        ) = 1 as is_first,
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
