with

tickets as (

    select * from {{ ref('int_tickets_conformed') }}

),

zendesk_turns as (

    select * from {{ ref('int_zendesk_ticket_turns_found') }}

),

severities as (

    select * from {{ ref('ticket_severities') }}

),

told as (

    select
        source_system,
        ticket_id,
        account_id,
        opened_at,
        opened_at as turned_at,
        severity_level
    from tickets
    where source_system = 'files'

    union all

    select
        tickets.source_system,
        tickets.ticket_id,
        tickets.account_id,
        tickets.opened_at,
        turns.turned_at,
        severities.severity_level
    from tickets
    inner join zendesk_turns as turns
        on
            tickets.ticket_id = turns.ticket_id
            and tickets.source_system = 'zendesk'
            and turns.field_name = 'priority'
    left join severities
        on turns.field_value = severities.severity

),

dated as (

    select
        source_system,
        ticket_id,
        account_id,
        opened_at,
        severity_level,
        greatest(turned_at, opened_at) as valid_from_at,
        lead(turned_at) over (
            partition by source_system, ticket_id
            order by turned_at
        ) as valid_to_at
    from told

)

select * from dated
where valid_to_at is null or valid_to_at > opened_at
