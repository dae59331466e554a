{# A ticket counts from its opening, its severity while it has it. #}
with

tickets as (

    select * from {{ ref('int_tickets_conformed') }}

),

severities as (

    select * from {{ ref('int_ticket_severities_dated') }}

),

statuses as (

    select * from {{ ref('int_ticket_statuses_dated') }}

),

ranked as (

    select
        account_id,
        severity_level,
        cast(valid_from_at as date) as counts_from,
        least(
            coalesce(cast(valid_to_at as date), {{ far_future() }}),
            {{ days_after(var('support_window_days'), 'cast(opened_at as date)') }}
        ) as counts_to
    from severities
    where severity_level is not null

),

windowed as (

    select
        account_id,
        'tickets' as input_name,
        cast(opened_at as date) as counts_from,
        {{ days_after(var('support_window_days'), 'cast(opened_at as date)') }}
            as counts_to,
        1 as amount
    from tickets

    union all

    select
        account_id,
        'ranked_tickets' as input_name,
        counts_from,
        counts_to,
        1 as amount
    from ranked

    union all

    select
        account_id,
        'severe_tickets' as input_name,
        counts_from,
        counts_to,
        1 as amount
    from ranked
    where severity_level <= {{ var('severe_up_to_level') }}

    union all

    select
        statuses.account_id,
        'open_severity_1' as input_name,
        cast(greatest(statuses.valid_from_at, severities.valid_from_at) as date)
            as counts_from,
        coalesce(
            cast(least(statuses.valid_to_at, severities.valid_to_at) as date),
            {{ far_future() }}
        ) as counts_to,
        1 as amount
    from statuses
    inner join severities
        on
            statuses.source_system = severities.source_system
            and statuses.ticket_id = severities.ticket_id
    where
        not statuses.is_solved
        and severities.severity_level = 1

)

select * from windowed
where counts_from < counts_to
