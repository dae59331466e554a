{# Landed rows that models keep out for how they stand beside others, of any entity. #}
with

subscription_items as (

    select * from {{ ref('int_subscription_items_checked') }}

),

accounts as (

    select * from {{ ref('int_accounts_checked') }}

),

account_history as (

    select * from {{ ref('int_account_history_checked') }}

),

events as (

    select * from {{ ref('int_events_checked') }}

),

tickets as (

    select * from {{ ref('int_tickets_checked') }}

),

survey_responses as (

    select * from {{ ref('int_survey_responses_checked') }}

),

quarantined as (

    select
        source_system,
        'subscription_items' as entity,
        source_file,
        source_line,
        quarantine_rule as rule,
        concat_ws('|', item_id, cast(valid_from as string)) as row_key
    from subscription_items
    where quarantine_rule is not null

    union all

    select
        source_system,
        'accounts' as entity,
        source_file,
        source_line,
        quarantine_rule as rule,
        account_id as row_key
    from accounts
    where quarantine_rule is not null

    union all

    select
        source_system,
        'account_history' as entity,
        source_file,
        source_line,
        quarantine_rule as rule,
        concat_ws('|', account_id, cast(valid_from as string)) as row_key
    from account_history
    where quarantine_rule is not null

    union all

    select
        source_system,
        'events' as entity,
        source_file,
        source_line,
        quarantine_rule as rule,
        event_id as row_key
    from events
    where quarantine_rule is not null

    union all

    select
        source_system,
        'tickets' as entity,
        source_file,
        source_line,
        quarantine_rule as rule,
        ticket_id as row_key
    from tickets
    where quarantine_rule is not null

    union all

    select
        source_system,
        'survey_responses' as entity,
        source_file,
        source_line,
        quarantine_rule as rule,
        response_id as row_key
    from survey_responses
    where quarantine_rule is not null

)

select * from quarantined
