{# The first day on which enough users did enough, in the days up to it; by sweep. #}
with

clocks as (

    select * from {{ ref('int_value_clocks_started') }}

),

feature_days as (

    select * from {{ ref('int_feature_days_rolled_up') }}

),

users as (

    select * from {{ ref('int_milestone_users_merged') }}

),

events as (

    select
        feature_days.account_id,
        feature_days.occurred_on as counts_from,
        {{ days_after('clocks.within_days', 'feature_days.occurred_on') }}
            as counts_to,
        feature_days.event_count
    from feature_days
    inner join clocks
        on
            feature_days.account_id = clocks.account_id
            and feature_days.event_name = clocks.event_name

),

changes as (

    select
        account_id,
        counts_from as changed_on,
        event_count,
        0 as user_count
    from events

    union all

    select
        account_id,
        counts_to as changed_on,
        -event_count as event_count,
        0 as user_count
    from events

    union all

    select
        account_id,
        counts_from as changed_on,
        0 as event_count,
        1 as user_count
    from users

    union all

    select
        account_id,
        counts_to as changed_on,
        0 as event_count,
        -1 as user_count
    from users

),

daily as (

    select
        account_id,
        changed_on,
        sum(event_count) as event_count,
        sum(user_count) as user_count
    from changes
    group by account_id, changed_on

),

accumulated as (

    select
        account_id,
        changed_on,
        sum(event_count) over so_far as event_count,
        sum(user_count) over so_far as user_count
    from daily
    window so_far as (
        partition by account_id
        order by changed_on
        rows between unbounded preceding and current row
    )

),

reached as (

    select
        accumulated.account_id,
        min(accumulated.changed_on) as milestone_met_on
    from accumulated
    inner join clocks
        on accumulated.account_id = clocks.account_id
    where
        accumulated.event_count >= clocks.min_events
        and accumulated.user_count >= clocks.min_users
    group by accumulated.account_id

)

select * from reached
