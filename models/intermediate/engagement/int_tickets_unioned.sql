with

file_tickets as (

    select * from {{ ref('stg_files__tickets') }}

),

zendesk_tickets as (

    select * from {{ ref('int_zendesk_tickets_shaped') }}

),

labelled as (

    select
        'files' as source_system,
        *
    from file_tickets

    union all

    select
        'zendesk' as source_system,
        *
    from zendesk_tickets

),

unioned as (

    select
        source_system,
        ticket_id,
        account_id,
        opened_at,
        first_response_at,
        solved_at,
        reopened_count,
        severity,
        topic,
        source_file,
        source_line
    from labelled

)

select * from unioned
