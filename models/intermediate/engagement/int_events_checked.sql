{# A device clock that runs far ahead of the arrival is not believed. #}
with

events as (

    select * from {{ ref('int_events_unioned') }}

),

known_accounts as (

    select * from {{ ref('int_known_accounts_listed') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

timed as (

    select
        events.*,
        coalesce(
            events.occurred_at > {{ dbt.dateadd(
                'minute', var('clock_skew_minutes'), 'events.received_at'
            ) }},
            false
        ) as is_clock_skewed
    from events

),

corrected as (

    select
        *,
        case
            when is_clock_skewed then received_at else occurred_at
        end as corrected_at
    from timed

),

checked as (

    select
        corrected.source_system,
        corrected.event_id,
        known_accounts.account_id,
        corrected.user_id,
        corrected.event_name,
        corrected.corrected_at as occurred_at,
        corrected.received_at,
        greatest(corrected.corrected_at, corrected.received_at) as known_at,
        corrected.event_id as row_key,
        corrected.source_file,
        corrected.source_line,
        corrected.is_clock_skewed,
        greatest(corrected.corrected_at, corrected.received_at)
        > clock.as_of_at as is_not_yet_known,
        case
            when known_accounts.account_id is null then 'account is unknown'
            when corrected.corrected_at < cast('{{ var("calendar_from") }}' as date)
                then 'happened before the calendar begins'
        end as quarantine_rule
    from corrected
    cross join clock
    left join known_accounts
        on corrected.account_id = known_accounts.known_account_id

)

select * from checked
