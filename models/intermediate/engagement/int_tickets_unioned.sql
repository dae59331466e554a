with

file_tickets as (

    select * from {{ ref('stg_files__tickets') }}

),

zendesk_tickets as (

    select * from {{ ref('int_zendesk_tickets_shaped') }}

),

unioned as (

    select
        'files' as source_system,
        ticket_id,
        account_id,
        opened_at,
        first_response_at,
        solved_at,
        reopened_count,
        severity,
        topic,
        false as is_merged,
        source_file,
        source_line
    from file_tickets

    union all

    select
        'zendesk' as source_system,
        ticket_id,
        account_id,
        opened_at,
        first_response_at,
        solved_at,
        reopened_count,
        severity,
        topic,
        is_merged,
        source_file,
        source_line
    from zendesk_tickets

)

select * from unioned
