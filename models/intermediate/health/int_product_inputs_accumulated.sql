{# One sweep over the days: what enters a window is added, what leaves is taken off. #}
with

awaited as (

    select * from {{ ref('int_health_days_awaited') }}

),

windowed as (

    select * from {{ ref('int_product_inputs_windowed') }}

),

activity as (

    select * from {{ ref('int_activity_changes_found') }}

),

changes as (

    select
        account_id,
        counts_from as changed_on,
        input_name,
        cast(amount as bigint) as amount
    from windowed

    union all

    select
        account_id,
        counts_to as changed_on,
        input_name,
        -cast(amount as bigint) as amount
    from windowed
    where counts_to < {{ far_future() }}

    union all

    select
        account_id,
        changed_on,
        actor_kind as input_name,
        cast(amount as bigint) as amount
    from activity

    union all

    select
        account_id,
        health_on as changed_on,
        'health_day' as input_name,
        0 as amount
    from awaited

),

daily as (

    select
        account_id,
        changed_on,
        count_if(input_name = 'health_day') > 0 as is_health_day,
        sum(case when input_name = 'use_events' then amount end) as use_events,
        sum(case when input_name = 'friction_events' then amount end)
            as friction_events,
        sum(case when input_name = 'baseline_events' then amount end)
            as baseline_events,
        sum(case when input_name = 'feature' then amount end) as features,
        sum(case when input_name = 'core_feature' then amount end) as core_features,
        sum(case when input_name = 'user' then amount end) as users,
        sum(case when input_name = 'seat' then amount end) as seats,
        sum(case when input_name = 'user_feature' then amount end) as user_features,
        sum(case when input_name = 'user_of_analysis' then amount end)
            as analysis_users,
        sum(case when input_name = 'user_of_collaboration' then amount end)
            as collaboration_users,
        sum(case when input_name = 'user_of_automation' then amount end)
            as automation_users,
        sum(case when input_name = 'user_of_data' then amount end) as data_users,
        max(case when input_name = 'first_event' then changed_on end)
            as first_event_on,
        max(case when input_name = 'uses_begun' then changed_on end) as uses_begun_on
    from changes
    group by account_id, changed_on

),

accumulated as (

    select
        account_id,
        changed_on as health_on,
        is_health_day,
        coalesce(sum(use_events) over so_far, 0) as use_event_count,
        coalesce(sum(friction_events) over so_far, 0) as friction_event_count,
        coalesce(sum(baseline_events) over so_far, 0) as baseline_event_count,
        coalesce(sum(features) over so_far, 0) as active_feature_count,
        coalesce(sum(core_features) over so_far, 0) as active_core_feature_count,
        coalesce(sum(users) over so_far, 0) as active_user_count,
        coalesce(sum(seats) over so_far, 0) as taken_seat_count,
        coalesce(sum(user_features) over so_far, 0) as user_feature_count,
        coalesce(sum(analysis_users) over so_far, 0) as analysis_user_count,
        coalesce(sum(collaboration_users) over so_far, 0) as collaboration_user_count,
        coalesce(sum(automation_users) over so_far, 0) as automation_user_count,
        coalesce(sum(data_users) over so_far, 0) as data_user_count,
        max(first_event_on) over so_far as first_event_on,
        max(uses_begun_on) over so_far as uses_begun_on
    from daily
    window so_far as (
        partition by account_id
        order by changed_on
        rows between unbounded preceding and current row
    )

)

select * from accumulated
where is_health_day
