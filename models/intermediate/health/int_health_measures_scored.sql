{#
    Where each value lies on its curve: a join per measure, as days are never unpivoted. The
    policy version is what makes it a hash join.
#}
with

measures as (

    select * from {{ ref('int_health_measures_derived') }}

),

curves as (

    select * from {{ ref('int_health_curves_pieced') }}

),

scored as (

    select
        measures.account_id,
        measures.health_on,
        measures.engagement_model,
        measures.policy_version,
        {{ on_curve('measures.feature_breadth', 'breadth_curve') }}
            as feature_breadth_curve_score,
        {{ on_curve('measures.active_user_rate', 'users_curve') }}
            as active_user_rate_curve_score,
        {{ on_curve('measures.actions_per_seat', 'actions_curve') }}
            as actions_per_seat_curve_score,
        {{ on_curve('measures.usage_trend', 'trend_curve') }}
            as usage_trend_curve_score,
        {{ on_curve('measures.friction_rate', 'friction_curve') }}
            as friction_rate_curve_score,
        {{ on_curve('measures.tickets_per_10_seats', 'tickets_curve') }}
            as tickets_per_10_seats_curve_score,
        {{ on_curve('measures.hours_to_solve', 'hours_curve') }}
            as hours_to_solve_curve_score,
        {{ on_curve('measures.nps_level', 'nps_curve') }}
            as nps_level_curve_score,
        {{ on_curve('measures.csat_level', 'csat_curve') }}
            as csat_level_curve_score,
        {{ on_curve('measures.days_to_renewal', 'renewal_curve') }}
            as days_to_renewal_curve_score,
        measures.product_freshness_days,
        measures.ticket_freshness_days,
        measures.solution_freshness_days,
        measures.nps_freshness_days,
        measures.csat_freshness_days,
        measures.is_severity_1_open,
        measures.is_notice_given
    from measures
    left join curves as breadth_curve
        on
            measures.policy_version = breadth_curve.policy_version
            and breadth_curve.measure = 'feature_breadth'
            and measures.feature_breadth > breadth_curve.value_above
            and measures.feature_breadth <= breadth_curve.value_up_to
    left join curves as users_curve
        on
            measures.policy_version = users_curve.policy_version
            and users_curve.measure = 'active_user_rate'
            and measures.active_user_rate > users_curve.value_above
            and measures.active_user_rate <= users_curve.value_up_to
    left join curves as actions_curve
        on
            measures.policy_version = actions_curve.policy_version
            and actions_curve.measure = 'actions_per_seat'
            and measures.actions_per_seat > actions_curve.value_above
            and measures.actions_per_seat <= actions_curve.value_up_to
    left join curves as trend_curve
        on
            measures.policy_version = trend_curve.policy_version
            and trend_curve.measure = 'usage_trend'
            and measures.usage_trend > trend_curve.value_above
            and measures.usage_trend <= trend_curve.value_up_to
    left join curves as friction_curve
        on
            measures.policy_version = friction_curve.policy_version
            and friction_curve.measure = 'friction_rate'
            and measures.friction_rate > friction_curve.value_above
            and measures.friction_rate <= friction_curve.value_up_to
    left join curves as tickets_curve
        on
            measures.policy_version = tickets_curve.policy_version
            and tickets_curve.measure = 'tickets_per_10_seats'
            and measures.tickets_per_10_seats > tickets_curve.value_above
            and measures.tickets_per_10_seats <= tickets_curve.value_up_to
    left join curves as hours_curve
        on
            measures.policy_version = hours_curve.policy_version
            and hours_curve.measure = 'hours_to_solve'
            and measures.hours_to_solve > hours_curve.value_above
            and measures.hours_to_solve <= hours_curve.value_up_to
    left join curves as nps_curve
        on
            measures.policy_version = nps_curve.policy_version
            and nps_curve.measure = 'nps_level'
            and measures.nps_level > nps_curve.value_above
            and measures.nps_level <= nps_curve.value_up_to
    left join curves as csat_curve
        on
            measures.policy_version = csat_curve.policy_version
            and csat_curve.measure = 'csat_level'
            and measures.csat_level > csat_curve.value_above
            and measures.csat_level <= csat_curve.value_up_to
    left join curves as renewal_curve
        on
            measures.policy_version = renewal_curve.policy_version
            and renewal_curve.measure = 'days_to_renewal'
            and measures.days_to_renewal > renewal_curve.value_above
            and measures.days_to_renewal <= renewal_curve.value_up_to

)

select * from scored
