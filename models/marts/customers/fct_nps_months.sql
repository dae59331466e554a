with

responses as (

    select * from {{ ref('int_survey_responses_conformed') }}

),

answers as (

    select
        cast(date_trunc('month', responded_at) as date) as answer_month,
        case when score >= {{ var('nps_promoter_from') }} then 1 else 0 end
            as promoter,
        case when score <= {{ var('nps_detractor_to') }} then 1 else 0 end
            as detractor
    from responses
    where
        kind = 'nps'
        and score is not null

),

counted as (

    select
        answer_month,
        count(*) as response_count,
        sum(promoter) as promoter_count,
        sum(detractor) as detractor_count,
        {{ ratio('sum(promoter - detractor)', 'count(*)') }} as nps,
        {{ ratio('sum(promoter + detractor)', 'count(*)') }} as opinionated_rate
    from answers
    group by answer_month

),

scored as (

    select
        cast(answer_month as date) as answer_month,
        cast(response_count as bigint) as response_count,
        cast(promoter_count as bigint) as promoter_count,
        cast(response_count - promoter_count - detractor_count as bigint)
            as passive_count,
        cast(detractor_count as bigint) as detractor_count,
        cast(nps as double) as nps,
        cast(
            sqrt(greatest(opinionated_rate - nps * nps, 0) / response_count) as double
        ) as nps_standard_error
    from counted

)

select * from scored
