with

responses as (

    select * from {{ ref('int_survey_responses_conformed') }}

),

answers as (

    select
        account_id,
        kind,
        score,
        cast(responded_at as date) as responded_on
    from responses
    where kind in ('nps', 'csat')

),

windowed as (

    select
        account_id,
        case when kind = 'nps' then 'nps_answers' else 'csat_answers' end as input_name,
        responded_on as counts_from,
        {{ days_after(var('sentiment_window_days'), 'responded_on') }} as counts_to,
        1 as amount
    from answers

    union all

    select
        account_id,
        case when kind = 'nps' then 'nps_total' else 'csat_total' end as input_name,
        responded_on as counts_from,
        {{ days_after(var('sentiment_window_days'), 'responded_on') }} as counts_to,
        score as amount
    from answers

)

select * from windowed
