with

checked as (

    select * from {{ ref('int_tickets_checked') }}

),

conformed as (

    select
        source_system,
        ticket_id,
        account_id,
        opened_at,
        first_response_at,
        solved_at,
        reopened_count,
        severity_level,
        topic
    from checked
    where
        quarantine_rule is null
        and not is_not_yet_known

)

select * from conformed
