{# Newer connectors tell the period on the item alone: a look at it is one more look at
   its subscription, and what it saw is not known before. #}
with

subscription_versions as (

    select * from {{ ref('stg_stripe__subscription_versions') }}

),

item_captures as (

    select * from {{ ref('int_stripe_item_captures_dated') }}

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

unioned as (

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
        versions.is_first,
        versions.next_captured_at
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
        false as is_first,
        versions.next_captured_at
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

)

select * from unioned
