with

tickets as (

    select * from {{ ref('int_tickets_unioned') }}

),

known_accounts as (

    select * from {{ ref('int_known_accounts_listed') }}

),

severities as (

    select * from {{ ref('ticket_severities') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

checked as (

    select
        tickets.source_system,
        tickets.ticket_id,
        known_accounts.account_id,
        tickets.opened_at,
        case
            when tickets.first_response_at <= clock.as_of_at
                then tickets.first_response_at
        end as first_response_at,
        case
            when tickets.solved_at <= clock.as_of_at then tickets.solved_at
        end as solved_at,
        tickets.reopened_count,
        severities.severity_level,
        tickets.topic,
        tickets.ticket_id as row_key,
        tickets.source_file,
        tickets.source_line,
        tickets.severity is not null
        and severities.severity_level is null as is_severity_unranked,
        tickets.opened_at > clock.as_of_at as is_not_yet_known,
        case
            when tickets.is_merged then 'merged into another ticket'
            when known_accounts.account_id is null then 'account is unknown'
            when tickets.opened_at < cast('{{ var("calendar_from") }}' as date)
                then 'happened before the calendar begins'
            when tickets.solved_at < tickets.opened_at
                then 'solved before it was opened'
            when tickets.first_response_at < tickets.opened_at
                then 'answered before it was opened'
        end as quarantine_rule
    from tickets
    cross join clock
    left join known_accounts
        on tickets.account_id = known_accounts.known_account_id
    left join severities
        on lower(tickets.severity) = severities.severity

)

select * from checked
