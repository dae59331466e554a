{# Files tell the last solution alone: reopenings before it count from there. #}
with

tickets as (

    select * from {{ ref('int_tickets_conformed') }}

),

zendesk_turns as (

    select * from {{ ref('int_zendesk_ticket_turns_found') }}

),

told as (

    select
        source_system,
        ticket_id,
        opened_at as turned_at,
        false as is_solved,
        0 as untold_reopening_count
    from tickets

    union all

    select
        source_system,
        ticket_id,
        solved_at as turned_at,
        true as is_solved,
        reopened_count as untold_reopening_count
    from tickets
    where
        source_system = 'files'
        and solved_at is not null

    union all

    select
        tickets.source_system,
        tickets.ticket_id,
        greatest(turns.turned_at, tickets.opened_at) as turned_at,
        turns.field_value in ('solved', 'closed') as is_solved,
        0 as untold_reopening_count
    from tickets
    inner join zendesk_turns as turns
        on
            tickets.ticket_id = turns.ticket_id
            and tickets.source_system = 'zendesk'
            and turns.field_name = 'status'

),

turned as (

    select
        source_system,
        ticket_id,
        turned_at,
        bool_or(is_solved) as is_solved,
        max(untold_reopening_count) as untold_reopening_count
    from told
    group by source_system, ticket_id, turned_at

),

compared as (

    select
        *,
        lag(is_solved) over (
            partition by source_system, ticket_id
            order by turned_at
        ) as was_solved
    from turned

),

spaced as (

    select
        source_system,
        ticket_id,
        is_solved,
        untold_reopening_count,
        turned_at as valid_from_at,
        lead(turned_at) over (
            partition by source_system, ticket_id
            order by turned_at
        ) as valid_to_at
    from compared
    where is_solved is distinct from was_solved

),

dated as (

    select
        spaced.source_system,
        spaced.ticket_id,
        tickets.account_id,
        tickets.opened_at,
        spaced.is_solved,
        spaced.untold_reopening_count,
        spaced.valid_from_at,
        spaced.valid_to_at
    from spaced
    inner join tickets
        on
            spaced.source_system = tickets.source_system
            and spaced.ticket_id = tickets.ticket_id

)

select * from dated
