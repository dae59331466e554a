{# Errors are weighed by MRR; their spread is that between customers, not contracts. #}
with

outlooks as (

    select * from {{ ref('fct_renewal_outlooks') }}

),

forecasts as (

    select * from {{ ref('fct_renewal_forecasts') }}

),

foreseen as (

    select
        outlooks.account_id,
        outlooks.contract_end_on,
        outlooks.ultimate_parent_id,
        outlooks.health_band,
        cast(outlooks.due_mrr as double) as weight,
        forecasts.expected_rate
        - cast(outlooks.renewed_mrr as double) / cast(outlooks.due_mrr as double)
            as error,
        forecasts.foil_rate
        - cast(outlooks.renewed_mrr as double) / cast(outlooks.due_mrr as double)
            as foil_error
    from outlooks
    inner join forecasts
        on
            outlooks.forecast_on = forecasts.forecast_on
            and outlooks.health_band = forecasts.health_band
    where forecasts.is_observed and forecasts.is_forecast

),

scored as (

    select
        account_id,
        contract_end_on,
        ultimate_parent_id,
        health_band,
        weight,
        error,
        foil_error,
        health_band as scored_band
    from foreseen

    union all

    select
        account_id,
        contract_end_on,
        ultimate_parent_id,
        health_band,
        weight,
        error,
        foil_error,
        'all' as scored_band
    from foreseen

),

customers as (

    select
        scored_band,
        ultimate_parent_id,
        count(distinct concat_ws('|', account_id, cast(contract_end_on as string)))
            as contract_count,
        {{ exact_sum('weight') }} as weight,
        {{ exact_sum('weight * error * error') }} as loss,
        {{ exact_sum('weight * foil_error * foil_error') }} as foil_loss,
        {{ exact_sum('weight * (foil_error * foil_error - error * error)') }} as gain
    from scored
    group by scored_band, ultimate_parent_id

),

bands as (

    select
        scored_band,
        sum(contract_count) as contract_count,
        count(*) as customer_count,
        {{ exact_sum('loss') }} / {{ exact_sum('weight') }} as loss,
        {{ exact_sum('foil_loss') }} / {{ exact_sum('weight') }} as foil_loss,
        {{ exact_sum('gain') }} / {{ exact_sum('weight') }} as gain,
        sqrt(greatest(
            {{ exact_sum('gain * gain') }}
            - 2 * {{ exact_sum('gain') }} / {{ exact_sum('weight') }}
            * {{ exact_sum('gain * weight') }}
            + {{ exact_sum('gain') }} / {{ exact_sum('weight') }}
            * {{ exact_sum('gain') }} / {{ exact_sum('weight') }}
            * {{ exact_sum('weight * weight') }},
            0
        )) / {{ exact_sum('weight') }} as gain_error
    from customers
    group by scored_band

),

totals as (

    select
        health_band,
        count(*) as forecast_count,
        sum(due_mrr) as due_mrr,
        sum(forecast_mrr) as forecast_mrr,
        sum(foil_mrr) as foil_mrr,
        sum(actual_mrr) as actual_mrr,
        sum(abs(error_mrr)) as error_mrr,
        sum(abs(foil_error_mrr)) as foil_error_mrr
    from forecasts
    where is_observed and is_forecast
    group by health_band

),

judged as (

    select
        cast(totals.health_band as string) as health_band,
        cast(
            case
                when bands.contract_count < {{ var('min_renewals_to_forecast') }}
                    then 'too_few'
                when
                    bands.gain > {{ var('forecast_gain_errors') }} * bands.gain_error
                    then 'beats_foil'
                else 'does_not_beat_foil'
            end as string
        ) as verdict,

        cast(totals.forecast_count as bigint) as forecast_count,
        cast(bands.contract_count as bigint) as contract_count,
        cast(bands.customer_count as bigint) as customer_count,
        {{ money('totals.due_mrr') }} as due_mrr,
        {{ money('totals.forecast_mrr') }} as forecast_mrr,
        {{ money('totals.foil_mrr') }} as foil_mrr,
        {{ money('totals.actual_mrr') }} as actual_mrr,
        {{ ratio('totals.forecast_mrr - totals.actual_mrr', 'totals.due_mrr') }}
            as bias_rate,
        {{ ratio('totals.foil_mrr - totals.actual_mrr', 'totals.due_mrr') }}
            as foil_bias_rate,
        {{ ratio('totals.error_mrr', 'totals.due_mrr') }} as mean_absolute_error_rate,
        {{ ratio('totals.foil_error_mrr', 'totals.due_mrr') }}
            as foil_mean_absolute_error_rate,
        {{ within_rounding('bands.loss', 0, 1) }} as brier_loss,
        {{ within_rounding('bands.foil_loss', 0, 1) }} as foil_brier_loss,
        bands.gain as brier_gain,
        bands.gain_error as brier_gain_error
    from totals
    inner join bands
        on totals.health_band = bands.scored_band

)

select * from judged
