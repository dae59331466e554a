{# What each scorer said of a customer at a month end, and what followed. #}
with

outcomes as (

    select * from {{ ref('int_customer_outcomes_labelled') }}

),

foils as (

    select * from {{ ref('int_health_foils_measured') }}

),

capacities as (

    select * from {{ ref('int_customer_capacities_picked') }}

),

customer_months as (

    select * from {{ ref('fct_customer_health_months') }}

),

scorers as (

    select * from {{ ref('health_scorers') }}

),

profile_months as (

    select * from {{ ref('fct_health_profile_months') }}

),

customer_profiles as (

    select
        ultimate_parent_id,
        health_on,
        profile,
        {{ exact_sum('mrr * health_score') }} as weighted_score,
        sum(mrr) as scored_mrr
    from profile_months
    where health_score is not null
    group by ultimate_parent_id, health_on, profile

),

paired as (

    select
        outcomes.*,
        scorers.scorer,
        scorers.is_foil,
        coalesce(capacities.capacity_rate, 0) as capacity_rate,
        case scorers.scorer
            when 'health_score' then this_month.health_score
            when 'last_month_score' then last_month.health_score
            when 'login_only' then foils.login_only
            when 'renewal_date_only' then foils.renewal_date_only
            when 'tenure_only' then foils.tenure_only
            when 'random' then foils.random_number
            else {{ within_rounding(
                ratio('profiles.weighted_score', 'profiles.scored_mrr'), 0, 100
            ) }}
        end as score,
        case scorers.scorer
            when 'health_score' then coalesce(this_month.health_band, 'unknown')
            when 'last_month_score' then coalesce(last_month.health_band, 'unknown')
        end as health_band,
        case scorers.scorer
            when 'health_score' then coalesce(this_month.scored_mrr_rate, 0)
            when 'last_month_score' then coalesce(last_month.scored_mrr_rate, 0)
        end as scored_mrr_rate
    from outcomes
    cross join scorers
    inner join foils
        on
            outcomes.ultimate_parent_id = foils.ultimate_parent_id
            and outcomes.observed_on = foils.observed_on
    inner join capacities
        on
            outcomes.ultimate_parent_id = capacities.ultimate_parent_id
            and outcomes.observed_on = capacities.observed_on
    left join customer_months as this_month
        on
            outcomes.ultimate_parent_id = this_month.ultimate_parent_id
            and outcomes.observed_on = this_month.health_on
    left join customer_months as last_month
        on
            outcomes.ultimate_parent_id = last_month.ultimate_parent_id
            and {{ days_after(
                -1, "cast(date_trunc('month', outcomes.observed_on) as date)"
            ) }} = last_month.health_on
    left join customer_profiles as profiles
        on
            outcomes.ultimate_parent_id = profiles.ultimate_parent_id
            and outcomes.observed_on = profiles.health_on
            and scorers.scorer = profiles.profile

),

contracted as (

    select
        cast(scorer as string) as scorer,
        cast(ultimate_parent_id as string) as ultimate_parent_id,
        cast(observed_on as date) as observed_on,

        cast(tier as string) as tier,
        cast(desired_outcome as string) as desired_outcome,
        cast(engagement_model as string) as engagement_model,
        cast(health_band as string) as health_band,
        cast(first_event as string) as first_event,
        cast(first_event_on as date) as first_event_on,

        cast(score as double) as score,
        {{ money('mrr') }} as mrr,
        cast(scored_mrr_rate as double) as scored_mrr_rate,
        cast(capacity_rate as double) as capacity_rate,

        cast(is_foil as boolean) as is_foil,
        cast(is_followed_by_loss as boolean) as is_followed_by_loss,
        cast(is_early_leaver as boolean) as is_early_leaver
    from paired

)

select * from contracted
