{# What became of every landed row of an entity that models check, counted. #}
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

checked as (

    select
        source_system,
        'subscription_items' as entity,
        quarantine_rule,
        false as is_not_yet_known,
        is_empty_interval as is_ignored
    from subscription_items

    union all

    select
        source_system,
        'accounts' as entity,
        quarantine_rule,
        false as is_not_yet_known,
        false as is_ignored
    from accounts

    union all

    select
        source_system,
        'account_history' as entity,
        quarantine_rule,
        is_not_yet_known,
        is_empty_interval as is_ignored
    from account_history

    union all

    select
        source_system,
        'events' as entity,
        quarantine_rule,
        is_not_yet_known,
        false as is_ignored
    from events

    union all

    select
        source_system,
        'tickets' as entity,
        quarantine_rule,
        is_not_yet_known,
        false as is_ignored
    from tickets

    union all

    select
        source_system,
        'survey_responses' as entity,
        quarantine_rule,
        is_not_yet_known,
        false as is_ignored
    from survey_responses

),

judged as (

    select
        source_system,
        entity,
        case
            when quarantine_rule is not null then 'quarantined'
            when is_ignored then 'ignored'
            when is_not_yet_known then 'not_yet_known'
            else 'used'
        end as disposition,
        case
            when quarantine_rule is not null then quarantine_rule
            when is_ignored then 'empty interval'
            when is_not_yet_known then 'after the run''s day'
            else 'none'
        end as rule
    from checked

),

counted as (

    select
        source_system,
        entity,
        disposition,
        rule,
        count(*) as row_count
    from judged
    group by source_system, entity, disposition, rule

)

select * from counted
