{# Whatever health reads that happened at an instant, with when we could know of it. #}
with

events as (

    select * from {{ ref('int_events_conformed') }}

),

tickets as (

    select * from {{ ref('int_tickets_conformed') }}

),

responses as (

    select * from {{ ref('int_survey_responses_conformed') }}

),

unioned as (

    select
        'events' as entity,
        account_id,
        occurred_at,
        -- A clock that is a little fast makes no event arrive before it happened.
        greatest(occurred_at, received_at) as known_at,
        received_at is not null as is_receipt_recorded,
        {{ var('usage_window_days') }} as window_days
    from events

    union all

    select
        'tickets' as entity,
        account_id,
        opened_at as occurred_at,
        opened_at as known_at,
        false as is_receipt_recorded,
        {{ var('support_window_days') }} as window_days
    from tickets

    union all

    select
        'survey_responses' as entity,
        account_id,
        responded_at as occurred_at,
        responded_at as known_at,
        false as is_receipt_recorded,
        {{ var('sentiment_window_days') }} as window_days
    from responses

),

received as (

    select
        entity,
        account_id,
        occurred_at,
        known_at,
        cast(known_at as date) as known_on,
        {{ days_after('window_days', 'known_at') }} as counts_until_on,
        is_receipt_recorded
    from unioned

)

select * from received
