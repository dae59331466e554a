with

checked as (

    select * from {{ ref('int_events_checked') }}

),

conformed as (

    select
        source_system,
        event_id,
        account_id,
        user_id,
        event_name,
        occurred_at,
        received_at,
        cast(known_at as date) as known_on
    from checked
    where
        quarantine_rule is null
        and not is_not_yet_known

)

select * from conformed
