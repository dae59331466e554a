{# Values, scores and weights of the days whose contributions are kept. #}
with

measures as (

    select * from {{ ref('int_health_measures_derived') }}

),

faded as (

    select * from {{ ref('int_health_scores_faded') }}

),

dates_kept as (

    select * from {{ ref('int_contribution_days_listed') }}

),

kept as (

    select
        measures.account_id,
        measures.health_on,
        measures.feature_breadth,
        measures.active_user_rate,
        measures.actions_per_seat,
        measures.usage_trend,
        measures.friction_rate,
        measures.tickets_per_10_seats,
        measures.hours_to_solve,
        measures.nps_level,
        measures.csat_level,
        measures.days_to_renewal,
        faded.feature_breadth_score,
        faded.active_user_rate_score,
        faded.actions_per_seat_score,
        faded.usage_trend_score,
        faded.friction_rate_score,
        faded.tickets_per_10_seats_score,
        faded.hours_to_solve_score,
        faded.nps_level_score,
        faded.csat_level_score,
        faded.days_to_renewal_score,
        faded.feature_breadth_weight,
        faded.active_user_rate_weight,
        faded.actions_per_seat_weight,
        faded.usage_trend_weight,
        faded.friction_rate_weight,
        faded.tickets_per_10_seats_weight,
        faded.hours_to_solve_weight,
        faded.nps_level_weight,
        faded.csat_level_weight,
        faded.days_to_renewal_weight,
        measures.product_freshness_days,
        measures.ticket_freshness_days,
        measures.solution_freshness_days,
        measures.nps_freshness_days,
        measures.csat_freshness_days
    from dates_kept
    inner join measures
        on dates_kept.date_on = measures.health_on
    inner join faded
        on
            measures.account_id = faded.account_id
            and measures.health_on = faded.health_on

)

select * from kept
