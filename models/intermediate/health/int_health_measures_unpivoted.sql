{# The list of measures: a new one is a column of its family, a line here and policy. #}
with

product as (

    select * from {{ ref('int_product_measures_derived') }}

),

support as (

    select * from {{ ref('int_support_measures_derived') }}

),

sentiment as (

    select * from {{ ref('int_sentiment_measures_derived') }}

),

relationship as (

    select * from {{ ref('int_relationship_measures_derived') }}

),

billing as (

    select * from {{ ref('int_billing_measures_derived') }}

),

renewal as (

    select * from {{ ref('int_renewal_measures_derived') }}

),

unpivoted as (

    {{ measure_rows('product', 'feature_breadth', 'product_freshness_days') }}
    union all
    {{ measure_rows('product', 'feature_depth', 'product_freshness_days') }}
    union all
    {{ measure_rows('product', 'core_features_used', 'product_freshness_days') }}
    union all
    {{ measure_rows('product', 'active_user_rate', 'product_freshness_days') }}
    union all
    {{ measure_rows('product', 'seats_used_rate', 'product_freshness_days') }}
    union all
    {{ measure_rows('product', 'returning_user_rate', 'product_freshness_days') }}
    union all
    {{ measure_rows('product', 'actions_per_seat', 'product_freshness_days') }}
    union all
    {{ measure_rows('product', 'usage_trend', 'product_freshness_days') }}
    union all
    {{ measure_rows('product', 'friction_rate', 'product_freshness_days') }}
    union all
    {{ measure_rows('product', 'analysis_user_rate', 'product_freshness_days') }}
    union all
    {{ measure_rows('product', 'collaboration_user_rate', 'product_freshness_days') }}
    union all
    {{ measure_rows('product', 'automation_user_rate', 'product_freshness_days') }}
    union all
    {{ measure_rows('product', 'data_user_rate', 'product_freshness_days') }}
    union all
    {{ measure_rows(
        'support', 'tickets_per_10_seats', 'tickets_per_10_seats_freshness_days'
    ) }}
    union all
    {{ measure_rows(
        'support', 'severe_tickets_per_10_seats', 'severe_tickets_per_10_seats_freshness_days'
    ) }}
    union all
    {{ measure_rows('support', 'reopened_rate', 'reopened_rate_freshness_days') }}
    union all
    {{ measure_rows(
        'support', 'hours_to_first_response', 'hours_to_first_response_freshness_days'
    ) }}
    union all
    {{ measure_rows('support', 'hours_to_solve', 'hours_to_solve_freshness_days') }}
    union all
    {{ measure_rows('support', 'ticket_count', '0') }}
    union all
    {{ measure_rows('sentiment', 'nps_level', 'nps_level_freshness_days') }}
    union all
    {{ measure_rows('sentiment', 'nps_trend', 'nps_trend_freshness_days') }}
    union all
    {{ measure_rows('sentiment', 'csat_level', 'csat_level_freshness_days') }}
    union all
    {{ measure_rows('sentiment', 'csat_trend', 'csat_trend_freshness_days') }}
    union all
    {{ measure_rows(
        'relationship', 'active_stakeholders', 'active_stakeholders_freshness_days'
    ) }}
    union all
    {{ measure_rows(
        'relationship', 'stakeholder_personas', 'stakeholder_personas_freshness_days'
    ) }}
    union all
    {{ measure_rows(
        'relationship', 'days_since_champion_left', 'days_since_champion_left_freshness_days'
    ) }}
    union all
    {{ measure_rows(
        'relationship', 'days_since_touch', 'days_since_touch_freshness_days'
    ) }}
    union all
    {{ measure_rows('billing', 'failed_payments', 'failed_payments_freshness_days') }}
    union all
    {{ measure_rows('billing', 'mrr_lost_rate', 'mrr_lost_rate_freshness_days') }}
    union all
    {{ measure_rows('renewal', 'days_to_renewal', 'days_to_renewal_freshness_days') }}
    union all
    {{ measure_rows(
        'renewal', 'days_to_contract_end', 'days_to_contract_end_freshness_days'
    ) }}
    union all
    {{ measure_rows('renewal', 'tenure_days', 'tenure_days_freshness_days') }}

)

select * from unpivoted
