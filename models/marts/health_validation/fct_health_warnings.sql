{# How long before a loss the band had turned and not turned back. Only days before the
   event are read: the notice itself caps the score. #}
with

outcomes as (

    select * from {{ ref('fct_health_outcomes') }}

),

health_days as (

    select * from {{ ref('fct_account_health_days') }}

),

losses as (

    select
        ultimate_parent_id,
        first_event_on as event_on,
        max(first_event) as event_kind,
        max_by(tier, observed_on) as tier,
        max_by(desired_outcome, observed_on) as desired_outcome,
        max_by(engagement_model, observed_on) as engagement_model,
        max_by(mrr, observed_on) as mrr
    from outcomes
    where
        scorer = 'health_score'
        and first_event_on is not null
    group by ultimate_parent_id, first_event_on

),

band_days as (

    select
        losses.ultimate_parent_id,
        losses.event_on,
        health_days.health_on,
        health_days.health_band,
        {{ band_rank('health_days.health_band', 'sum(health_days.mrr)') }}
            as band_rank
    from losses
    inner join health_days
        on
            losses.ultimate_parent_id = health_days.ultimate_parent_id
            and losses.event_on > health_days.health_on
            and {{ days_after(
                -var('health_warning_lookback_days'), 'losses.event_on'
            ) }} <= health_days.health_on
    group by
        losses.ultimate_parent_id,
        losses.event_on,
        health_days.health_on,
        health_days.health_band

),

customer_days as (

    select
        ultimate_parent_id,
        event_on,
        health_on,
        max_by(health_band, band_rank) as health_band,
        {{ dbt.datediff('health_on', 'event_on', 'day') }}
            as days_before
    from band_days
    group by ultimate_parent_id, event_on, health_on

),

turns as (

    select
        ultimate_parent_id,
        event_on,
        max(days_before) as first_day,
        min(days_before) as last_day,
        min(case when health_band in ('green', 'unknown') then days_before end)
            as last_fine_day,
        min(case when health_band <> 'red' then days_before end) as last_other_day,
        count_if(days_before between 60 and 90 and health_band <> 'unknown')
            as told_days,
        count_if(days_before between 60 and 90 and health_band in ('red', 'yellow'))
            as warned_days
    from customer_days
    group by ultimate_parent_id, event_on

),

contracted as (

    select
        cast(losses.ultimate_parent_id as string) as ultimate_parent_id,
        cast(losses.event_on as date) as event_on,

        cast(losses.event_kind as string) as event_kind,
        cast(losses.tier as string) as tier,
        cast(losses.desired_outcome as string) as desired_outcome,
        cast(losses.engagement_model as string) as engagement_model,

        cast(
            case
                when turns.last_fine_day is null then turns.first_day
                when turns.last_fine_day > turns.last_day then turns.last_fine_day - 1
            end as bigint
        ) as below_green_lead_days,
        cast(
            case
                when turns.last_other_day is null then turns.first_day
                when turns.last_other_day > turns.last_day then turns.last_other_day - 1
            end as bigint
        ) as red_lead_days,
        {{ money('losses.mrr') }} as mrr,

        case
            when turns.told_days > 0 then turns.warned_days * 2 > turns.told_days
        end as is_below_green_60_to_90
    from losses
    left join turns
        on
            losses.ultimate_parent_id = turns.ultimate_parent_id
            and losses.event_on = turns.event_on

)

select * from contracted
