{# What models found out of each landed row they check; a new entity enters here. #}
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

activity_rows as (

    select * from {{ ref('int_activity_rows_checked') }}

),

unioned as (

    select
        source_system,
        'subscription_items' as entity,
        source_file,
        source_line,
        row_key,
        quarantine_rule,
        warning_rule,
        false as is_not_yet_known,
        is_empty_interval as is_ignored,
        is_superseded,
        is_one_off
    from subscription_items

    union all

    select
        source_system,
        'accounts' as entity,
        source_file,
        source_line,
        account_id as row_key,
        quarantine_rule,
        warning_rule,
        false as is_not_yet_known,
        false as is_ignored,
        false as is_superseded,
        false as is_one_off
    from accounts

    union all

    select
        source_system,
        'account_history' as entity,
        source_file,
        source_line,
        concat_ws('|', account_id, cast(valid_from as string)) as row_key,
        quarantine_rule,
        warning_rule,
        is_not_yet_known,
        is_empty_interval as is_ignored,
        false as is_superseded,
        false as is_one_off
    from account_history

    union all

    select
        source_system,
        'events' as entity,
        source_file,
        source_line,
        event_id as row_key,
        quarantine_rule,
        cast(null as string) as warning_rule,
        is_not_yet_known,
        false as is_ignored,
        false as is_superseded,
        false as is_one_off
    from events

    union all

    select
        source_system,
        entity,
        source_file,
        source_line,
        row_key,
        quarantine_rule,
        cast(null as string) as warning_rule,
        is_not_yet_known,
        false as is_ignored,
        false as is_superseded,
        false as is_one_off
    from activity_rows

)

select * from unioned
