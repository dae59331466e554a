with

weights as (

    select * from {{ ref('int_health_weights_resolved') }}

),

pivoted as (

    select
        engagement_model,
        policy_version,
        sum(case when measure = 'feature_breadth' then weight else 0 end)
            as feature_breadth_weight,
        sum(case when measure = 'active_user_rate' then weight else 0 end)
            as active_user_rate_weight,
        sum(case when measure = 'actions_per_seat' then weight else 0 end)
            as actions_per_seat_weight,
        sum(case when measure = 'usage_trend' then weight else 0 end)
            as usage_trend_weight,
        sum(case when measure = 'friction_rate' then weight else 0 end)
            as friction_rate_weight,
        sum(case when measure = 'tickets_per_10_seats' then weight else 0 end)
            as tickets_per_10_seats_weight,
        sum(case when measure = 'hours_to_solve' then weight else 0 end)
            as hours_to_solve_weight,
        sum(case when measure = 'nps_level' then weight else 0 end)
            as nps_level_weight,
        sum(case when measure = 'csat_level' then weight else 0 end)
            as csat_level_weight,
        sum(case when measure = 'days_to_renewal' then weight else 0 end)
            as days_to_renewal_weight,
        max(case when measure = 'feature_breadth' then expires_after_days end)
            as feature_breadth_expires,
        max(case when measure = 'active_user_rate' then expires_after_days end)
            as active_user_rate_expires,
        max(case when measure = 'actions_per_seat' then expires_after_days end)
            as actions_per_seat_expires,
        max(case when measure = 'usage_trend' then expires_after_days end)
            as usage_trend_expires,
        max(case when measure = 'friction_rate' then expires_after_days end)
            as friction_rate_expires,
        max(case when measure = 'tickets_per_10_seats' then expires_after_days end)
            as tickets_per_10_seats_expires,
        max(case when measure = 'hours_to_solve' then expires_after_days end)
            as hours_to_solve_expires,
        max(case when measure = 'nps_level' then expires_after_days end)
            as nps_level_expires,
        max(case when measure = 'csat_level' then expires_after_days end)
            as csat_level_expires,
        max(case when measure = 'days_to_renewal' then expires_after_days end)
            as days_to_renewal_expires
    from weights
    group by engagement_model, policy_version

)

select * from pivoted
