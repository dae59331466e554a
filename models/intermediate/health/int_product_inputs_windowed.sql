{# What counts, for how many, and on which days: known already and not too old yet. #}
with

uses as (

    select * from {{ ref('int_feature_uses_classified') }}

),

spans as (

    select * from {{ ref('int_activity_spans_merged') }}

),

daily as (

    select
        account_id,
        is_use,
        occurred_on,
        known_on,
        sum(event_count) as event_count
    from uses
    where is_use or is_friction
    group by account_id, is_use, occurred_on, known_on

),

windowed as (

    select
        account_id,
        case when is_use then 'use_events' else 'friction_events' end as input_name,
        known_on as counts_from,
        {{ days_after(var('usage_window_days'), 'occurred_on') }} as counts_to,
        event_count as amount
    from daily

    union all

    select
        account_id,
        'baseline_events' as input_name,
        greatest(
            known_on, {{ days_after(var('usage_window_days'), 'occurred_on') }}
        ) as counts_from,
        {{ days_after(
            var('usage_window_days') + var('usage_baseline_days'), 'occurred_on'
        ) }} as counts_to,
        event_count as amount
    from daily
    where is_use

    union all

    select
        account_id,
        case
            when actor_kind = 'user' then 'active_users' else 'active_features'
        end as input_name,
        active_from as counts_from,
        active_to as counts_to,
        1 as amount
    from spans

    union all

    select
        account_id,
        'first_event' as input_name,
        min(known_on) as counts_from,
        {{ far_future() }} as counts_to,
        1 as amount
    from uses
    group by account_id

)

select * from windowed
where counts_from < counts_to
