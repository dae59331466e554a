{{ config(materialized='table') }}
{# Values of the product measures; null is missing, which is neither good nor bad. #}
with

awaited as (

    select * from {{ ref('int_health_days_awaited') }}

),

inputs as (

    select * from {{ ref('int_product_inputs_accumulated') }}

),

dates as (

    select * from {{ ref('int_health_dates_described') }}

),

outlooks as (

    select * from {{ ref('int_contract_outlooks_dated') }}

),

book_trends as (

    select * from {{ ref('int_book_trends_measured') }}

),

joined as (

    select
        inputs.*,
        outlooks.seat_count,
        coalesce(book_trends.book_trend, 1) as book_trend,
        inputs.first_event_on is not null as has_product_data,
        -- A null would be skipped by least().
        case
            when inputs.uses_begun_on is not null
                then least(
                    {{ dbt.datediff(
                        'inputs.uses_begun_on', 'awaited.health_on', 'day'
                    ) }} + 1 - {{ var('usage_window_days') }},
                    {{ var('usage_baseline_days') }}
                )
        end as baseline_days,
        {{ dbt.datediff('dates.last_arrived_on', 'awaited.health_on', 'day') }}
            as product_freshness_days
    from awaited
    inner join inputs
        on
            awaited.account_id = inputs.account_id
            and awaited.health_on = inputs.health_on
    inner join dates
        on awaited.health_on = dates.date_on
    left join book_trends
        on awaited.health_on = book_trends.date_on
    left join outlooks
        on
            awaited.account_id = outlooks.account_id
            and awaited.health_on >= outlooks.valid_from
            and awaited.health_on < coalesce(outlooks.valid_to, {{ far_future() }})

),

named as (

    select
        *,
        has_product_data
        and (active_user_count > 0 or use_event_count = 0) as has_users
    from joined

),

derived as (

    select
        account_id,
        health_on,
        case when has_product_data then active_feature_count end as feature_breadth,
        case
            when active_user_count > 0
                then {{ ratio('user_feature_count', 'active_user_count') }}
        end as feature_depth,
        case when has_product_data then active_core_feature_count end
            as core_features_used,
        case when has_users then {{ ratio('active_user_count', 'seat_count') }} end
            as active_user_rate,
        case when has_users then {{ ratio('taken_seat_count', 'seat_count') }} end
            as seats_used_rate,
        {{ ratio('active_user_count', 'taken_seat_count') }} as returning_user_rate,
        case
            when has_product_data then {{ ratio('use_event_count', 'seat_count') }}
        end as actions_per_seat,
        case
            when baseline_days >= {{ var('usage_window_days') }}
                then {{ ratio(
                    'use_event_count * baseline_days',
                    'baseline_event_count * book_trend * ' ~ var('usage_window_days')
                ) }}
        end as usage_trend,
        {{ ratio('friction_event_count', 'friction_event_count + use_event_count') }}
            as friction_rate,
        case when has_users then {{ ratio('analysis_user_count', 'seat_count') }} end
            as analysis_user_rate,
        case
            when has_users then {{ ratio('collaboration_user_count', 'seat_count') }}
        end as collaboration_user_rate,
        case when has_users then {{ ratio('automation_user_count', 'seat_count') }} end
            as automation_user_rate,
        case when has_users then {{ ratio('data_user_count', 'seat_count') }} end
            as data_user_rate,
        product_freshness_days
    from named

)

select * from derived
