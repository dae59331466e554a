{# Hours run on while a ticket is open: of two tickets the slower never looks better. #}
with

inputs as (

    select * from {{ ref('int_support_inputs_accumulated') }}

),

outlooks as (

    select * from {{ ref('int_contract_outlooks_dated') }}

),

joined as (

    select
        inputs.*,
        outlooks.seat_count,
        1440 + 1440
        * {{ dbt.datediff(the_beginning(), 'inputs.health_on', 'day') }}
            as end_minute
    from inputs
    left join outlooks
        on
            inputs.account_id = outlooks.account_id
            and inputs.health_on >= outlooks.valid_from
            and inputs.health_on < coalesce(outlooks.valid_to, {{ far_future() }})

),

aged as (

    select
        *,
        open_ticket_count * end_minute - open_since_minutes as open_minutes,
        waiting_ticket_count * end_minute - waiting_since_minutes as waiting_minutes
    from joined

),

valued as (

    select
        *,
        case
            when ticket_count > 0 then {{ ratio('ticket_count * 10', 'seat_count') }}
        end as tickets_per_10_seats,
        case
            when ranked_ticket_count > 0
                then {{ ratio('severe_ticket_count * 10', 'seat_count') }}
        end as severe_tickets_per_10_seats,
        {{ ratio('undone_solution_count', 'solution_count') }} as reopened_rate,
        case
            when
                answered_ticket_count > 0
                or waiting_minutes >= {{ var('response_overdue_hours') }} * 60
                then {{ ratio(
                    'answered_minutes + waiting_minutes',
                    'greatest(answered_ticket_count, 1) * 60'
                ) }}
        end as hours_to_first_response,
        case
            when
                solved_ticket_count > 0
                or open_minutes >= {{ var('ticket_overdue_hours') }} * 60
                then {{ ratio(
                    'solved_minutes + open_minutes',
                    'greatest(solved_ticket_count, 1) * 60'
                ) }}
        end as hours_to_solve,
        {{ dbt.datediff('last_opened_on', 'health_on', 'day') }}
            as days_since_opened,
        {{ dbt.datediff('last_solved_on', 'health_on', 'day') }}
            as days_since_solved,
        {{ dbt.datediff('last_answered_on', 'health_on', 'day') }}
            as days_since_answered
    from aged

),

derived as (

    select
        account_id,
        health_on,
        tickets_per_10_seats,
        severe_tickets_per_10_seats,
        reopened_rate,
        hours_to_first_response,
        hours_to_solve,
        case when tickets_per_10_seats is not null then days_since_opened end
            as tickets_per_10_seats_freshness_days,
        case when severe_tickets_per_10_seats is not null then days_since_opened end
            as severe_tickets_per_10_seats_freshness_days,
        case when reopened_rate is not null then days_since_solved end
            as reopened_rate_freshness_days,
        case
            when hours_to_first_response is null then null
            when waiting_ticket_count > 0 then 0
            else days_since_answered
        end as hours_to_first_response_freshness_days,
        case
            when hours_to_solve is null then null
            when open_ticket_count > 0 then 0
            else days_since_solved
        end as hours_to_solve_freshness_days,
        ticket_count,
        severe_ticket_count,
        solution_count,
        open_ticket_count,
        open_severity_1_count > 0 as is_severity_1_open
    from valued

)

select * from derived
