{{ config(materialized='table') }}
{# Value, leaving or AS_OF: what came first ends the wait. #}
with

clocks as (

    select * from {{ ref('int_value_clocks_started') }}

),

reached as (

    select * from {{ ref('int_milestone_days_reached') }}

),

plans as (

    select * from {{ ref('int_value_plans_found') }}

),

feature_days as (

    select * from {{ ref('int_feature_days_rolled_up') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

-- Without a name: of all events together.
event_days as (

    select
        event_name,
        occurred_on
    from feature_days
    group by event_name, occurred_on

    union all

    select
        cast(null as string) as event_name,
        occurred_on
    from feature_days
    group by occurred_on

),

neighbours as (

    select
        event_name,
        occurred_on,
        lag(occurred_on) over (
            partition by event_name
            order by occurred_on
        ) as last_occurred_on,
        lead(occurred_on) over (
            partition by event_name
            order by occurred_on
        ) as next_occurred_on,
        row_number() over (
            partition by event_name
            order by occurred_on
        ) - 1 as days_before,
        count(*) over (partition by event_name) as days_in_all
    from event_days

),

-- Behind the last long silence before which little lies.
unstray as (

    select
        event_name,
        max(occurred_on) as since_on
    from neighbours
    where
        occurred_on > {{ days_after(
            var('usage_baseline_days'), 'last_occurred_on'
        ) }}
        and days_before <= greatest(
            {{ var('stray_event_days') }},
            {{ var('stray_event_share') }} * days_in_all
        )
        and days_in_all - days_before
        >= {{ var('stray_event_times_fewer') }} * days_before
    group by event_name

),

begun as (

    select
        neighbours.event_name,
        min(
            case
                when
                    neighbours.next_occurred_on <= {{ days_after(
                        var('usage_window_days'), 'neighbours.occurred_on'
                    ) }}
                    then neighbours.occurred_on
            end
        ) as begun_on,
        min(neighbours.occurred_on) as first_on
    from neighbours
    left join unstray
        on neighbours.event_name is not distinct from unstray.event_name
    where
        unstray.since_on is null
        or neighbours.occurred_on >= unstray.since_on
    group by neighbours.event_name

),

raced as (

    select
        clocks.*,
        coalesce(plans.plan, 'unknown') as plan,
        reached.milestone_met_on,
        case
            when
                reached.milestone_met_on is not null
                and reached.milestone_met_on
                < coalesce(clocks.left_on, {{ far_future() }})
                then greatest(reached.milestone_met_on, clocks.clock_started_on)
        end as value_reached_on
    from clocks
    left join reached
        on clocks.account_id = reached.account_id
    left join plans
        on clocks.account_id = plans.account_id
    where clocks.milestone is not null

),

ended as (

    select
        raced.*,
        case
            when raced.value_reached_on is not null then 'reached'
            when raced.left_on is not null then 'left'
            else 'censored'
        end as status,
        coalesce(raced.value_reached_on, raced.left_on, clock.as_of_on)
            as observed_until_on,
        -- Before a late name was tracked, its milestone may have been reached unseen.
        coalesce(
            raced.clock_started_on >= case
                when of_name.begun_on > {{ days_after(
                    'raced.expected_within_days',
                    'coalesce(of_all.begun_on, of_all.first_on)'
                ) }} then of_name.begun_on
                else coalesce(of_all.begun_on, of_all.first_on)
            end, false
        ) as is_start_observed
    from raced
    cross join clock
    left join begun as of_all
        on of_all.event_name is null
    left join begun as of_name
        on raced.event_name = of_name.event_name

),

measured as (

    select
        account_id,
        ultimate_parent_id,
        desired_outcome,
        milestone,
        tier,
        engagement_model,
        plan,
        owner_id,
        status,
        clock_started_on,
        milestone_met_on,
        value_reached_on,
        left_on,
        observed_until_on,
        cast(
            {{ dbt.datediff(
                'clock_started_on', 'observed_until_on', 'day'
            ) }} as bigint
        ) as observed_days,
        is_start_observed
    from ended

)

select * from measured
