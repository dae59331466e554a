with

outlooks as (

    select * from {{ ref('fct_renewal_outlooks') }}

),

band_rates as (

    select * from {{ ref('fct_renewal_band_rates') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

due as (

    select
        forecast_on,
        health_band,
        count(*) as due_count,
        {{ money('sum(due_mrr)') }} as due_mrr,
        {{ money('sum(renewed_mrr)') }} as renewed_mrr
    from outlooks
    group by forecast_on, health_band

),

rated as (

    select
        due.*,
        band_rates.history_count,
        overall.history_count as all_history_count,
        {{ ratio(
            'band_rates.history_count',
            'band_rates.history_count + ' ~ var('band_credibility_contracts')
        ) }} as credibility_rate,
        coalesce(band_rates.history_rate, overall.history_rate) as band_rate,
        case
            when overall.history_count >= {{ var('min_renewals_to_forecast') }}
                then overall.history_rate
        end as foil_rate
    from due
    inner join band_rates
        on
            due.forecast_on = band_rates.forecast_on
            and due.health_band = band_rates.health_band
    inner join band_rates as overall
        on
            due.forecast_on = overall.forecast_on
            and overall.health_band = 'all'

),

priced as (

    select
        *,
        {{ money('''
            cast(due_mrr as double)
            * (foil_rate + credibility_rate * (band_rate - foil_rate))
        ''') }} as forecast_mrr,
        {{ money('cast(due_mrr as double) * foil_rate') }} as foil_mrr
    from rated

),

forecast as (

    select
        forecast_on,
        health_band,
        due_count,
        history_count,
        credibility_rate,
        due_mrr,
        forecast_mrr,
        foil_mrr,
        renewed_mrr
    from priced

    union all

    select
        forecast_on,
        'all' as health_band,
        sum(due_count) as due_count,
        max(all_history_count) as history_count,
        cast(null as double) as credibility_rate,
        sum(due_mrr) as due_mrr,
        sum(forecast_mrr) as forecast_mrr,
        sum(foil_mrr) as foil_mrr,
        sum(renewed_mrr) as renewed_mrr
    from priced
    group by forecast_on

),

observed as (

    select
        forecast.*,
        {{ days_after(
            var('renewal_forecast_days') + var('late_renewal_grace_days') + 1,
            'forecast.forecast_on'
        ) }} <= clock.as_of_on as is_observed
    from forecast
    cross join clock

),

contracted as (

    select
        cast(forecast_on as date) as forecast_on,
        cast(health_band as string) as health_band,

        cast(due_count as bigint) as due_count,
        cast(history_count as bigint) as history_count,
        cast(credibility_rate as double) as credibility_rate,
        {{ money('due_mrr') }} as due_mrr,
        {{ ratio('forecast_mrr', 'due_mrr') }} as expected_rate,
        {{ money('forecast_mrr') }} as forecast_mrr,
        {{ ratio('foil_mrr', 'due_mrr') }} as foil_rate,
        {{ money('foil_mrr') }} as foil_mrr,
        {{ money('case when is_observed then renewed_mrr end') }} as actual_mrr,
        {{ money('case when is_observed then forecast_mrr - renewed_mrr end') }}
            as error_mrr,
        {{ money('case when is_observed then foil_mrr - renewed_mrr end') }}
            as foil_error_mrr,

        foil_mrr is not null as is_forecast,
        is_observed
    from observed

)

select * from contracted
