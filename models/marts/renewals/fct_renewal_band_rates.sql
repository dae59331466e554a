{# Only outcomes that nothing could change any more by the forecast day are history. #}
with

outlooks as (

    select * from {{ ref('fct_renewal_outlooks') }}

),

banded as (

    select
        forecast_on,
        health_band,
        outcome_known_on,
        due_mrr,
        renewed_mrr,
        case when is_first_in_band then 1 else 0 end as new_contracts
    from outlooks

    union all

    select
        forecast_on,
        'all' as health_band,
        outcome_known_on,
        due_mrr,
        renewed_mrr,
        case when is_first_forecast then 1 else 0 end as new_contracts
    from outlooks

),

outcome_days as (

    select
        health_band,
        outcome_known_on,
        sum(renewed_mrr) as renewed_mrr,
        sum(due_mrr) as due_mrr,
        sum(new_contracts) as new_contracts
    from banded
    where renewed_mrr is not null
    group by health_band, outcome_known_on

),

forecast_bands as (

    select
        forecast_on,
        health_band
    from banded
    group by forecast_on, health_band

),

rates as (

    select
        cast(forecast_bands.forecast_on as date) as forecast_on,
        cast(forecast_bands.health_band as string) as health_band,
        cast(coalesce(sum(outcome_days.new_contracts), 0) as bigint) as history_count,
        {{ money('coalesce(sum(outcome_days.due_mrr), 0)') }} as history_due_mrr,
        {{ money('coalesce(sum(outcome_days.renewed_mrr), 0)') }}
            as history_renewed_mrr,
        {{ ratio('sum(outcome_days.renewed_mrr)', 'sum(outcome_days.due_mrr)') }}
            as history_rate
    from forecast_bands
    left join outcome_days
        on
            forecast_bands.health_band = outcome_days.health_band
            and forecast_bands.forecast_on >= outcome_days.outcome_known_on
    group by forecast_bands.forecast_on, forecast_bands.health_band

)

select * from rates
