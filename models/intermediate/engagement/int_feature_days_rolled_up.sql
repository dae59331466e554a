{{ config(materialized='table') }}
{# What measures read of events; a day that was known in two parts has two rows. #}
with

events as (

    select * from {{ ref('int_events_conformed') }}

),

rolled_up as (

    select
        account_id,
        user_id,
        event_name,
        cast(occurred_at as date) as occurred_on,
        known_on,
        count(*) as event_count
    from events
    group by
        account_id,
        user_id,
        event_name,
        cast(occurred_at as date),
        known_on

)

select * from rolled_up
