{# An answer counts for a window, and in the next one as what there was before. #}
with

responses as (

    select * from {{ ref('int_survey_responses_conformed') }}

),

answers as (

    select
        account_id,
        kind,
        cast(score as decimal(18, 6)) as score,
        cast(responded_at as date) as responded_on
    from responses
    where kind in ('nps', 'csat')

),

dated as (

    select
        account_id,
        kind,
        score,
        responded_on as counts_from,
        {{ days_after(var('sentiment_window_days'), 'responded_on') }} as turns_on,
        {{ days_after(2 * var('sentiment_window_days'), 'responded_on') }} as ends_on
    from answers

),

windowed as (

    select
        account_id,
        case when kind = 'nps' then 'nps_answers' else 'csat_answers' end as input_name,
        counts_from,
        turns_on as counts_to,
        1 as amount
    from dated

    union all

    select
        account_id,
        case when kind = 'nps' then 'nps_total' else 'csat_total' end as input_name,
        counts_from,
        turns_on as counts_to,
        score as amount
    from dated

    union all

    select
        account_id,
        case
            when kind = 'nps' then 'earlier_nps_answers'
            else 'earlier_csat_answers'
        end as input_name,
        turns_on as counts_from,
        ends_on as counts_to,
        1 as amount
    from dated

    union all

    select
        account_id,
        case when kind = 'nps' then 'earlier_nps_total' else 'earlier_csat_total' end
            as input_name,
        turns_on as counts_from,
        ends_on as counts_to,
        score as amount
    from dated

)

select * from windowed
