with

inputs as (

    select * from {{ ref('int_sentiment_inputs_accumulated') }}

),

valued as (

    select
        *,
        {{ ratio('nps_total', 'nps_answer_count') }} as nps_level,
        {{ ratio('nps_total', 'nps_answer_count') }}
        - {{ ratio('earlier_nps_total', 'earlier_nps_answer_count') }} as nps_trend,
        {{ ratio('csat_total', 'csat_answer_count') }} as csat_level,
        {{ ratio('csat_total', 'csat_answer_count') }}
        - {{ ratio('earlier_csat_total', 'earlier_csat_answer_count') }} as csat_trend,
        {{ dbt.datediff('last_nps_on', 'health_on', 'day') }}
            as days_since_nps,
        {{ dbt.datediff('last_csat_on', 'health_on', 'day') }}
            as days_since_csat
    from inputs

),

derived as (

    select
        account_id,
        health_on,
        nps_level,
        nps_trend,
        csat_level,
        csat_trend,
        case when nps_level is not null then days_since_nps end
            as nps_level_freshness_days,
        case when nps_trend is not null then days_since_nps end
            as nps_trend_freshness_days,
        case when csat_level is not null then days_since_csat end
            as csat_level_freshness_days,
        case when csat_trend is not null then days_since_csat end
            as csat_trend_freshness_days,
        nps_answer_count,
        earlier_nps_answer_count,
        csat_answer_count,
        earlier_csat_answer_count
    from valued

)

select * from derived
