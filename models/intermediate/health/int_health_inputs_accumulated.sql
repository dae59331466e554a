{{ config(materialized='table') }}
{# One sweep over the days: what enters a window is added, what leaves is taken off. #}
with

days as (

    select * from {{ ref('int_health_days_spined') }}

),

product as (

    select * from {{ ref('int_product_inputs_windowed') }}

),

support as (

    select * from {{ ref('int_support_inputs_windowed') }}

),

sentiment as (

    select * from {{ ref('int_sentiment_inputs_windowed') }}

),

windowed as (

    select * from product

    union all

    select * from support

    union all

    select * from sentiment

),

changes as (

    select
        account_id,
        counts_from as changed_on,
        input_name,
        cast(amount as double) as amount
    from windowed

    union all

    select
        account_id,
        counts_to as changed_on,
        input_name,
        -cast(amount as double) as amount
    from windowed
    where counts_to < {{ far_future() }}

    union all

    select
        account_id,
        health_on as changed_on,
        'health_day' as input_name,
        0 as amount
    from days

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
        sum(case when input_name = 'active_features' then amount end)
            as active_features,
        sum(case when input_name = 'active_users' then amount end) as active_users,
        sum(case when input_name = 'tickets' then amount end) as tickets,
        sum(case when input_name = 'solved_tickets' then amount end) as solved_tickets,
        sum(case when input_name = 'solved_minutes' then amount end) as solved_minutes,
        sum(case when input_name = 'open_severity_1' then amount end)
            as open_severity_1,
        sum(case when input_name = 'nps_answers' then amount end) as nps_answers,
        sum(case when input_name = 'nps_total' then amount end) as nps_total,
        sum(case when input_name = 'csat_answers' then amount end) as csat_answers,
        sum(case when input_name = 'csat_total' then amount end) as csat_total,
        max(case when input_name = 'first_event' then changed_on end)
            as first_event_on,
        max(case when input_name = 'tickets' and amount > 0 then changed_on end)
            as last_ticket_on,
        max(case when input_name = 'solved_tickets' and amount > 0 then changed_on end)
            as last_solved_on,
        max(case when input_name = 'nps_answers' and amount > 0 then changed_on end)
            as last_nps_on,
        max(case when input_name = 'csat_answers' and amount > 0 then changed_on end)
            as last_csat_on
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
        coalesce(sum(active_features) over so_far, 0) as active_feature_count,
        coalesce(sum(active_users) over so_far, 0) as active_user_count,
        coalesce(sum(tickets) over so_far, 0) as ticket_count,
        coalesce(sum(solved_tickets) over so_far, 0) as solved_ticket_count,
        coalesce(sum(solved_minutes) over so_far, 0) as solved_minutes,
        coalesce(sum(open_severity_1) over so_far, 0) as open_severity_1_count,
        coalesce(sum(nps_answers) over so_far, 0) as nps_answer_count,
        coalesce(sum(nps_total) over so_far, 0) as nps_total,
        coalesce(sum(csat_answers) over so_far, 0) as csat_answer_count,
        coalesce(sum(csat_total) over so_far, 0) as csat_total,
        max(first_event_on) over so_far as first_event_on,
        max(last_ticket_on) over so_far as last_ticket_on,
        max(last_solved_on) over so_far as last_solved_on,
        max(last_nps_on) over so_far as last_nps_on,
        max(last_csat_on) over so_far as last_csat_on
    from daily
    window so_far as (
        partition by account_id
        order by changed_on
        rows between unbounded preceding and current row
    )

)

select * from accumulated
where is_health_day
