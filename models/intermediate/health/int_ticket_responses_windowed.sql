{#
    A ticket waits until it is answered or solved. A source that never told of an answer
    does not say that tickets wait.
#}
with

tickets as (

    select * from {{ ref('int_tickets_conformed') }}

),

statuses as (

    select * from {{ ref('int_ticket_statuses_dated') }}

),

solutions as (

    select
        source_system,
        ticket_id,
        min(valid_from_at) as first_solved_at
    from statuses
    where is_solved
    group by source_system, ticket_id

),

dated as (

    select
        tickets.account_id,
        cast(tickets.opened_at as date) as opened_on,
        cast(tickets.first_response_at as date) as answered_on,
        coalesce(
            cast(
                least(tickets.first_response_at, solutions.first_solved_at) as date
            ),
            {{ far_future() }}
        ) as waits_to,
        {{ minutes_between(
            'cast(' ~ the_beginning() ~ ' as timestamp)', 'tickets.opened_at'
        ) }} as opened_minute,
        {{ minutes_between('tickets.opened_at', 'tickets.first_response_at') }}
            as minutes_to_response,
        cast(
            min(tickets.first_response_at) over (
                partition by tickets.source_system
            ) as date
        ) as first_answer_on
    from tickets
    left join solutions
        on
            tickets.source_system = solutions.source_system
            and tickets.ticket_id = solutions.ticket_id

),

windowed as (

    select
        account_id,
        'waiting_tickets' as input_name,
        greatest(opened_on, first_answer_on) as counts_from,
        waits_to as counts_to,
        1 as amount
    from dated
    where first_answer_on is not null

    union all

    select
        account_id,
        'waiting_since_minutes' as input_name,
        greatest(opened_on, first_answer_on) as counts_from,
        waits_to as counts_to,
        opened_minute as amount
    from dated
    where first_answer_on is not null

    union all

    select
        account_id,
        'answered_tickets' as input_name,
        answered_on as counts_from,
        {{ days_after(var('support_window_days'), 'answered_on') }} as counts_to,
        1 as amount
    from dated
    where answered_on is not null

    union all

    select
        account_id,
        'answered_minutes' as input_name,
        answered_on as counts_from,
        {{ days_after(var('support_window_days'), 'answered_on') }} as counts_to,
        minutes_to_response as amount
    from dated
    where answered_on is not null

)

select * from windowed
where counts_from < counts_to
