{# The score before exceptions, the share of the policy behind it, the weakest point. #}
with

faded as (

    select * from {{ ref('int_health_scores_faded') }}

),

summed as (

    select
        account_id,
        health_on,
        policy_version,
        is_severity_1_open,
        is_notice_given,
        round(
            feature_breadth_weight
            + active_user_rate_weight
            + actions_per_seat_weight
            + usage_trend_weight
            + friction_rate_weight
            + tickets_per_10_seats_weight
            + hours_to_solve_weight
            + nps_level_weight
            + csat_level_weight
            + days_to_renewal_weight,
            9
        ) as coverage_rate,
        coalesce(feature_breadth_weight * feature_breadth_score, 0)
        + coalesce(active_user_rate_weight * active_user_rate_score, 0)
        + coalesce(actions_per_seat_weight * actions_per_seat_score, 0)
        + coalesce(usage_trend_weight * usage_trend_score, 0)
        + coalesce(friction_rate_weight * friction_rate_score, 0)
        + coalesce(tickets_per_10_seats_weight * tickets_per_10_seats_score, 0)
        + coalesce(hours_to_solve_weight * hours_to_solve_score, 0)
        + coalesce(nps_level_weight * nps_level_score, 0)
        + coalesce(csat_level_weight * csat_level_score, 0)
        + coalesce(days_to_renewal_weight * days_to_renewal_score, 0)
            as weighted_points,
        case
            when
                feature_breadth_weight
                + active_user_rate_weight
                + actions_per_seat_weight
                + usage_trend_weight
                + friction_rate_weight > 0
                then 1
            else 0
        end as product_families,
        case
            when tickets_per_10_seats_weight + hours_to_solve_weight > 0 then 1
            else 0
        end as support_families,
        case
            when nps_level_weight + csat_level_weight > 0 then 1
            else 0
        end as sentiment_families,
        case when days_to_renewal_weight > 0 then 1 else 0 end as renewal_families,
        coalesce(feature_breadth_weight * (100 - feature_breadth_score), 0)
            as feature_breadth_shortfall,
        coalesce(active_user_rate_weight * (100 - active_user_rate_score), 0)
            as active_user_rate_shortfall,
        coalesce(actions_per_seat_weight * (100 - actions_per_seat_score), 0)
            as actions_per_seat_shortfall,
        coalesce(usage_trend_weight * (100 - usage_trend_score), 0)
            as usage_trend_shortfall,
        coalesce(friction_rate_weight * (100 - friction_rate_score), 0)
            as friction_rate_shortfall,
        coalesce(tickets_per_10_seats_weight * (100 - tickets_per_10_seats_score), 0)
            as tickets_per_10_seats_shortfall,
        coalesce(hours_to_solve_weight * (100 - hours_to_solve_score), 0)
            as hours_to_solve_shortfall,
        coalesce(nps_level_weight * (100 - nps_level_score), 0)
            as nps_level_shortfall,
        coalesce(csat_level_weight * (100 - csat_level_score), 0)
            as csat_level_shortfall,
        coalesce(days_to_renewal_weight * (100 - days_to_renewal_score), 0)
            as days_to_renewal_shortfall
    from faded

),

compared as (

    select
        *,
        product_families + support_families + sentiment_families + renewal_families
            as input_family_count,
        greatest(
            feature_breadth_shortfall,
            active_user_rate_shortfall,
            actions_per_seat_shortfall,
            usage_trend_shortfall,
            friction_rate_shortfall,
            tickets_per_10_seats_shortfall,
            hours_to_solve_shortfall,
            nps_level_shortfall,
            csat_level_shortfall,
            days_to_renewal_shortfall
        ) as largest_shortfall
    from summed

),

weighed as (

    select
        account_id,
        health_on,
        policy_version,
        case
            when
                coverage_rate >= {{ var('min_coverage_rate') }}
                and input_family_count >= {{ var('min_input_families') }}
                then {{ ratio('weighted_points', 'coverage_rate') }}
        end as score_before_exceptions,
        coverage_rate,
        input_family_count,
        case
            when largest_shortfall = 0 then null
            when feature_breadth_shortfall = largest_shortfall
                then 'feature_breadth'
            when active_user_rate_shortfall = largest_shortfall
                then 'active_user_rate'
            when actions_per_seat_shortfall = largest_shortfall
                then 'actions_per_seat'
            when usage_trend_shortfall = largest_shortfall
                then 'usage_trend'
            when friction_rate_shortfall = largest_shortfall
                then 'friction_rate'
            when tickets_per_10_seats_shortfall = largest_shortfall
                then 'tickets_per_10_seats'
            when hours_to_solve_shortfall = largest_shortfall
                then 'hours_to_solve'
            when nps_level_shortfall = largest_shortfall
                then 'nps_level'
            when csat_level_shortfall = largest_shortfall
                then 'csat_level'
            when days_to_renewal_shortfall = largest_shortfall
                then 'days_to_renewal'
        end as weakest_measure,
        is_severity_1_open,
        is_notice_given
    from compared

)

select * from weighed
