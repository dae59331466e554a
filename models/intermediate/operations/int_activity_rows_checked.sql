with

tickets as (

    select * from {{ ref('int_tickets_checked') }}

),

survey_responses as (

    select * from {{ ref('int_survey_responses_checked') }}

),

contacts as (

    select * from {{ ref('int_contacts_checked') }}

),

touchpoints as (

    select * from {{ ref('int_touchpoints_checked') }}

),

payments as (

    select * from {{ ref('int_payments_checked') }}

),

unioned as (

    select
        source_system,
        'tickets' as entity,
        row_key,
        source_file,
        source_line,
        is_not_yet_known,
        quarantine_rule
    from tickets

    union all

    select
        source_system,
        'survey_responses' as entity,
        row_key,
        source_file,
        source_line,
        is_not_yet_known,
        quarantine_rule
    from survey_responses

    union all

    select
        source_system,
        'contacts' as entity,
        row_key,
        source_file,
        source_line,
        is_not_yet_known,
        quarantine_rule
    from contacts

    union all

    select
        source_system,
        'touchpoints' as entity,
        row_key,
        source_file,
        source_line,
        is_not_yet_known,
        quarantine_rule
    from touchpoints

    union all

    select
        source_system,
        'payments' as entity,
        row_key,
        source_file,
        source_line,
        is_not_yet_known,
        quarantine_rule
    from payments

)

select * from unioned
