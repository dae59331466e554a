{# Scores faded by age, and the weights in force; a missing measure weighs nothing. #}
with

scored as (

    select * from {{ ref('int_health_measures_scored') }}

),

policies as (

    select * from {{ ref('int_health_weights_pivoted') }}

),

faded as (

    select
        scored.*,
        policies.feature_breadth_weight as feature_breadth_share,
        {{ decayed(
            'scored.feature_breadth_curve_score',
            'scored.product_freshness_days',
            'policies.feature_breadth_expires'
        ) }} as feature_breadth_score,
        policies.active_user_rate_weight as active_user_rate_share,
        {{ decayed(
            'scored.active_user_rate_curve_score',
            'scored.product_freshness_days',
            'policies.active_user_rate_expires'
        ) }} as active_user_rate_score,
        policies.actions_per_seat_weight as actions_per_seat_share,
        {{ decayed(
            'scored.actions_per_seat_curve_score',
            'scored.product_freshness_days',
            'policies.actions_per_seat_expires'
        ) }} as actions_per_seat_score,
        policies.usage_trend_weight as usage_trend_share,
        {{ decayed(
            'scored.usage_trend_curve_score',
            'scored.product_freshness_days',
            'policies.usage_trend_expires'
        ) }} as usage_trend_score,
        policies.friction_rate_weight as friction_rate_share,
        {{ decayed(
            'scored.friction_rate_curve_score',
            'scored.product_freshness_days',
            'policies.friction_rate_expires'
        ) }} as friction_rate_score,
        policies.tickets_per_10_seats_weight as tickets_per_10_seats_share,
        {{ decayed(
            'scored.tickets_per_10_seats_curve_score',
            'scored.ticket_freshness_days',
            'policies.tickets_per_10_seats_expires'
        ) }} as tickets_per_10_seats_score,
        policies.hours_to_solve_weight as hours_to_solve_share,
        {{ decayed(
            'scored.hours_to_solve_curve_score',
            'scored.solution_freshness_days',
            'policies.hours_to_solve_expires'
        ) }} as hours_to_solve_score,
        policies.nps_level_weight as nps_level_share,
        {{ decayed(
            'scored.nps_level_curve_score',
            'scored.nps_freshness_days',
            'policies.nps_level_expires'
        ) }} as nps_level_score,
        policies.csat_level_weight as csat_level_share,
        {{ decayed(
            'scored.csat_level_curve_score',
            'scored.csat_freshness_days',
            'policies.csat_level_expires'
        ) }} as csat_level_score,
        policies.days_to_renewal_weight as days_to_renewal_share,
        {{ decayed(
            'scored.days_to_renewal_curve_score',
            '0',
            'policies.days_to_renewal_expires'
        ) }} as days_to_renewal_score
    from scored
    left join policies
        on
            scored.engagement_model = policies.engagement_model
            and scored.policy_version = policies.policy_version

),

weighted as (

    select
        account_id,
        health_on,
        policy_version,
        is_severity_1_open,
        is_notice_given,
        feature_breadth_score,
        active_user_rate_score,
        actions_per_seat_score,
        usage_trend_score,
        friction_rate_score,
        tickets_per_10_seats_score,
        hours_to_solve_score,
        nps_level_score,
        csat_level_score,
        days_to_renewal_score,
        case
            when feature_breadth_score is null then 0
            else feature_breadth_share
        end as feature_breadth_weight,
        case
            when active_user_rate_score is null then 0
            else active_user_rate_share
        end as active_user_rate_weight,
        case
            when actions_per_seat_score is null then 0
            else actions_per_seat_share
        end as actions_per_seat_weight,
        case
            when usage_trend_score is null then 0
            else usage_trend_share
        end as usage_trend_weight,
        case
            when friction_rate_score is null then 0
            else friction_rate_share
        end as friction_rate_weight,
        case
            when tickets_per_10_seats_score is null then 0
            else tickets_per_10_seats_share
        end as tickets_per_10_seats_weight,
        case
            when hours_to_solve_score is null then 0
            else hours_to_solve_share
        end as hours_to_solve_weight,
        case
            when nps_level_score is null then 0
            else nps_level_share
        end as nps_level_weight,
        case
            when csat_level_score is null then 0
            else csat_level_share
        end as csat_level_weight,
        case
            when days_to_renewal_score is null then 0
            else days_to_renewal_share
        end as days_to_renewal_weight
    from faded

)

select * from weighted
