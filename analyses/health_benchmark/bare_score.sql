-- What does a score of four measures cost, without history, policy, reasons or gaps?
with

days as (

    select
        account_id,
        health_on
    from {{ ref('int_health_days_awaited') }}

),

uses as (

    select
        account_id,
        occurred_on,
        sum(event_count) as event_count,
        count(*) as user_features
    from {{ ref('int_feature_days_rolled_up') }}
    group by account_id, occurred_on

),

tickets as (

    select
        account_id,
        cast(opened_at as date) as opened_on,
        count(*) as ticket_count
    from {{ ref('int_tickets_conformed') }}
    group by account_id, cast(opened_at as date)

),

answers as (

    select
        account_id,
        cast(responded_at as date) as responded_on,
        sum(score) as total,
        count(*) as answer_count
    from {{ ref('int_survey_responses_conformed') }}
    group by account_id, cast(responded_at as date)

),

reach as (

    select
        min(health_on) as first_on,
        max(health_on) as last_on
    from days

),

spine as (

    select
        paid.account_id,
        dates.date_on
    from {{ ref('int_account_balances_accumulated') }} as paid
    cross join {{ ref('dim_dates') }} as dates
    inner join reach
        on
            dates.date_on >= reach.first_on - interval 180 day
            and dates.date_on <= reach.last_on
    where dates.date_on >= paid.valid_from

),

rolled as (

    select
        spine.account_id,
        spine.date_on,
        sum(uses.event_count) over four_weeks as events,
        sum(uses.user_features) over four_weeks as user_features,
        sum(tickets.ticket_count) over quarter_year as tickets,
        sum(answers.total) over half_year as nps_total,
        sum(answers.answer_count) over half_year as nps_answers
    from spine
    left join uses
        on
            spine.account_id = uses.account_id
            and spine.date_on = uses.occurred_on
    left join tickets
        on
            spine.account_id = tickets.account_id
            and spine.date_on = tickets.opened_on
    left join answers
        on
            spine.account_id = answers.account_id
            and spine.date_on = answers.responded_on
    window
        four_weeks as (
            partition by spine.account_id
            order by spine.date_on
            rows between 27 preceding and current row
        ),
        quarter_year as (
            partition by spine.account_id
            order by spine.date_on
            rows between 89 preceding and current row
        ),
        half_year as (
            partition by spine.account_id
            order by spine.date_on
            rows between 179 preceding and current row
        )

),

scored as (

    select
        rolled.account_id,
        rolled.date_on as health_on,
        0.4 * least(rolled.events / 10.0, 100)
        + 0.3 * least(rolled.user_features, 100)
        + 0.2 * coalesce(10 * rolled.nps_total / rolled.nps_answers, 50)
        + 0.1 * greatest(100 - 10 * coalesce(rolled.tickets, 0), 0) as health_score
    from rolled
    inner join days
        on
            rolled.account_id = days.account_id
            and rolled.date_on = days.health_on

)

select * from scored
