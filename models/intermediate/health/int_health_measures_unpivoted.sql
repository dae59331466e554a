with

kept as (

    select * from {{ ref('int_health_measures_kept') }}

),

unpivoted as (

    select
        account_id,
        health_on,
        'feature_breadth' as measure,
        feature_breadth as input_value,
        feature_breadth_score as measure_score,
        feature_breadth_weight as weight,
        product_freshness_days as freshness_days
    from kept

    union all

    select
        account_id,
        health_on,
        'active_user_rate' as measure,
        active_user_rate as input_value,
        active_user_rate_score as measure_score,
        active_user_rate_weight as weight,
        product_freshness_days as freshness_days
    from kept

    union all

    select
        account_id,
        health_on,
        'actions_per_seat' as measure,
        actions_per_seat as input_value,
        actions_per_seat_score as measure_score,
        actions_per_seat_weight as weight,
        product_freshness_days as freshness_days
    from kept

    union all

    select
        account_id,
        health_on,
        'usage_trend' as measure,
        usage_trend as input_value,
        usage_trend_score as measure_score,
        usage_trend_weight as weight,
        product_freshness_days as freshness_days
    from kept

    union all

    select
        account_id,
        health_on,
        'friction_rate' as measure,
        friction_rate as input_value,
        friction_rate_score as measure_score,
        friction_rate_weight as weight,
        product_freshness_days as freshness_days
    from kept

    union all

    select
        account_id,
        health_on,
        'tickets_per_10_seats' as measure,
        tickets_per_10_seats as input_value,
        tickets_per_10_seats_score as measure_score,
        tickets_per_10_seats_weight as weight,
        ticket_freshness_days as freshness_days
    from kept

    union all

    select
        account_id,
        health_on,
        'hours_to_solve' as measure,
        hours_to_solve as input_value,
        hours_to_solve_score as measure_score,
        hours_to_solve_weight as weight,
        solution_freshness_days as freshness_days
    from kept

    union all

    select
        account_id,
        health_on,
        'nps_level' as measure,
        nps_level as input_value,
        nps_level_score as measure_score,
        nps_level_weight as weight,
        nps_freshness_days as freshness_days
    from kept

    union all

    select
        account_id,
        health_on,
        'csat_level' as measure,
        csat_level as input_value,
        csat_level_score as measure_score,
        csat_level_weight as weight,
        csat_freshness_days as freshness_days
    from kept

    union all

    select
        account_id,
        health_on,
        'days_to_renewal' as measure,
        days_to_renewal as input_value,
        days_to_renewal_score as measure_score,
        days_to_renewal_weight as weight,
        0 as freshness_days
    from kept

)

select * from unpivoted
