with

at_load as (

    select * from {{ ref('stg_run__quarantined_rows') }}

),

subscription_items as (

    select * from {{ ref('int_subscription_items_checked') }}

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
        entity,
        source_file,
        source_line,
        rule,
        column_name,
        column_value,
        row_key
    from at_load

    union all

    select
        source_system,
        'subscription_items' as entity,
        source_file,
        source_line,
        quarantine_rule as rule,
        cast(null as string) as column_name,
        cast(null as string) as column_value,
        concat_ws('|', item_id, cast(valid_from as string)) as row_key
    from subscription_items
    where quarantine_rule is not null

    union all

    select
        source_system,
        'events' as entity,
        source_file,
        source_line,
        quarantine_rule as rule,
        cast(null as string) as column_name,
        cast(null as string) as column_value,
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
        cast(null as string) as column_name,
        cast(null as string) as column_value,
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
        cast(null as string) as column_name,
        cast(null as string) as column_value,
        response_id as row_key
    from survey_responses
    where quarantine_rule is not null

),

contracted as (

    select
        cast(source_system as string) as source_system,
        cast(entity as string) as entity,
        cast(source_file as string) as source_file,
        cast(source_line as bigint) as source_line,
        cast(rule as string) as rule,
        cast(column_name as string) as column_name,
        cast(column_value as string) as column_value,
        cast(row_key as string) as row_key
    from quarantined

)

select * from contracted
