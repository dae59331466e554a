{# Values of the measures; null is missing, which is neither good nor bad. #}
with

days as (

    select * from {{ ref('int_health_days_spined') }}

),

inputs as (

    select * from {{ ref('int_health_inputs_accumulated') }}

),

dates as (

    select * from {{ ref('int_health_dates_described') }}

),

outlooks as (

    select * from {{ ref('int_contract_outlooks_dated') }}

),

joined as (

    select
        inputs.*,
        days.engagement_model,
        dates.policy_version,
        outlooks.seat_count,
        outlooks.decision_on,
        coalesce(outlooks.is_notice_given, false) as is_notice_given,
        inputs.first_event_on is not null as has_product_data,
        least(
            {{ dbt.datediff('inputs.first_event_on', 'days.health_on', 'day') }}
            + 1 - {{ var('usage_window_days') }},
            {{ var('usage_baseline_days') }}
        ) as baseline_days,
        {{ dbt.datediff('dates.last_arrived_on', 'days.health_on', 'day') }}
            as product_freshness_days
    from days
    inner join inputs
        on
            days.account_id = inputs.account_id
            and days.health_on = inputs.health_on
    inner join dates
        on days.health_on = dates.date_on
    left join outlooks
        on
            days.account_id = outlooks.account_id
            and days.health_on >= outlooks.valid_from
            and days.health_on < coalesce(outlooks.valid_to, {{ far_future() }})

),

derived as (

    select
        account_id,
        health_on,
        engagement_model,
        policy_version,
        case when has_product_data then active_feature_count end as feature_breadth,
        case
            when has_product_data and (active_user_count > 0 or use_event_count = 0)
                then {{ ratio('active_user_count', 'seat_count') }}
        end as active_user_rate,
        case
            when has_product_data then {{ ratio('use_event_count', 'seat_count') }}
        end as actions_per_seat,
        case
            when baseline_days >= {{ var('usage_window_days') }}
                then {{ ratio(
                    'use_event_count * baseline_days',
                    'baseline_event_count * ' ~ var('usage_window_days')
                ) }}
        end as usage_trend,
        {{ ratio('friction_event_count', 'friction_event_count + use_event_count') }}
            as friction_rate,
        case
            when ticket_count > 0 then {{ ratio('ticket_count * 10', 'seat_count') }}
        end as tickets_per_10_seats,
        {{ ratio('solved_minutes', 'solved_ticket_count * 60') }} as hours_to_solve,
        {{ ratio('nps_total', 'nps_answer_count') }} as nps_level,
        {{ ratio('csat_total', 'csat_answer_count') }} as csat_level,
        {{ dbt.datediff('health_on', 'decision_on', 'day') }}
            as days_to_renewal,
        product_freshness_days,
        {{ dbt.datediff('last_ticket_on', 'health_on', 'day') }}
            as ticket_freshness_days,
        {{ dbt.datediff('last_solved_on', 'health_on', 'day') }}
            as solution_freshness_days,
        {{ dbt.datediff('last_nps_on', 'health_on', 'day') }}
            as nps_freshness_days,
        {{ dbt.datediff('last_csat_on', 'health_on', 'day') }}
            as csat_freshness_days,
        open_severity_1_count > 0 as is_severity_1_open,
        is_notice_given
    from joined

)

select * from derived
