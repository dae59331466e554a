{# Where each value lies on its curve. A join per measure: days are never unpivoted. #}
with

measures as (

    select * from {{ ref('int_health_measures_derived') }}

),

curves as (

    select * from {{ ref('int_health_curves_pieced') }}

),

scored as (

    select
        measures.*,
        {{ on_curve('measures.feature_breadth', 'breadth') }}
            as feature_breadth_curve_score,
        {{ on_curve('measures.active_user_rate', 'active_users') }}
            as active_user_rate_curve_score,
        {{ on_curve('measures.actions_per_seat', 'depth') }}
            as actions_per_seat_curve_score,
        {{ on_curve('measures.usage_trend', 'trend') }}
            as usage_trend_curve_score,
        {{ on_curve('measures.friction_rate', 'friction') }}
            as friction_rate_curve_score,
        {{ on_curve('measures.tickets_per_10_seats', 'tickets') }}
            as tickets_per_10_seats_curve_score,
        {{ on_curve('measures.hours_to_solve', 'solving') }}
            as hours_to_solve_curve_score,
        {{ on_curve('measures.nps_level', 'nps') }}
            as nps_level_curve_score,
        {{ on_curve('measures.csat_level', 'csat') }}
            as csat_level_curve_score,
        {{ on_curve('measures.days_to_renewal', 'renewal') }}
            as days_to_renewal_curve_score
    from measures
    left join curves as breadth
        on
            breadth.measure = 'feature_breadth'
            and measures.health_on >= breadth.valid_from
            and measures.health_on < breadth.valid_to
            and measures.feature_breadth > breadth.value_above
            and measures.feature_breadth <= breadth.value_up_to
    left join curves as active_users
        on
            active_users.measure = 'active_user_rate'
            and measures.health_on >= active_users.valid_from
            and measures.health_on < active_users.valid_to
            and measures.active_user_rate > active_users.value_above
            and measures.active_user_rate <= active_users.value_up_to
    left join curves as depth
        on
            depth.measure = 'actions_per_seat'
            and measures.health_on >= depth.valid_from
            and measures.health_on < depth.valid_to
            and measures.actions_per_seat > depth.value_above
            and measures.actions_per_seat <= depth.value_up_to
    left join curves as trend
        on
            trend.measure = 'usage_trend'
            and measures.health_on >= trend.valid_from
            and measures.health_on < trend.valid_to
            and measures.usage_trend > trend.value_above
            and measures.usage_trend <= trend.value_up_to
    left join curves as friction
        on
            friction.measure = 'friction_rate'
            and measures.health_on >= friction.valid_from
            and measures.health_on < friction.valid_to
            and measures.friction_rate > friction.value_above
            and measures.friction_rate <= friction.value_up_to
    left join curves as tickets
        on
            tickets.measure = 'tickets_per_10_seats'
            and measures.health_on >= tickets.valid_from
            and measures.health_on < tickets.valid_to
            and measures.tickets_per_10_seats > tickets.value_above
            and measures.tickets_per_10_seats <= tickets.value_up_to
    left join curves as solving
        on
            solving.measure = 'hours_to_solve'
            and measures.health_on >= solving.valid_from
            and measures.health_on < solving.valid_to
            and measures.hours_to_solve > solving.value_above
            and measures.hours_to_solve <= solving.value_up_to
    left join curves as nps
        on
            nps.measure = 'nps_level'
            and measures.health_on >= nps.valid_from
            and measures.health_on < nps.valid_to
            and measures.nps_level > nps.value_above
            and measures.nps_level <= nps.value_up_to
    left join curves as csat
        on
            csat.measure = 'csat_level'
            and measures.health_on >= csat.valid_from
            and measures.health_on < csat.valid_to
            and measures.csat_level > csat.value_above
            and measures.csat_level <= csat.value_up_to
    left join curves as renewal
        on
            renewal.measure = 'days_to_renewal'
            and measures.health_on >= renewal.valid_from
            and measures.health_on < renewal.valid_to
            and measures.days_to_renewal > renewal.value_above
            and measures.days_to_renewal <= renewal.value_up_to

)

select * from scored
