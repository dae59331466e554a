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
        *
    from file_tickets

    union all

    select
        'zendesk' as source_system,
        *
    from zendesk_tickets

)

select * from unioned
