{#
    A field without any history is read as last known. One with a later history is unknown
    before it: what is told later must not change earlier days.
#}
with

tickets as (

    select * from {{ ref('stg_zendesk__tickets') }}

),

field_changes as (

    select * from {{ ref('stg_zendesk__ticket_field_changes') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

histories as (

    select
        ticket_id,
        count_if(field_name = 'status') > 0 as has_status_history,
        count_if(field_name = 'priority') > 0 as has_priority_history
    from field_changes
    group by ticket_id

),

told as (

    select
        ticket_id,
        field_name,
        changed_at as turned_at,
        field_value
    from field_changes
    where field_name in ('status', 'priority')

    union all

    select
        tickets.ticket_id,
        'status' as field_name,
        tickets.updated_at as turned_at,
        tickets.status as field_value
    from tickets
    left join histories
        on tickets.ticket_id = histories.ticket_id
    where not coalesce(histories.has_status_history, false)

    union all

    select
        tickets.ticket_id,
        'priority' as field_name,
        tickets.opened_at as turned_at,
        tickets.priority as field_value
    from tickets
    left join histories
        on tickets.ticket_id = histories.ticket_id
    where not coalesce(histories.has_priority_history, false)

),

found as (

    select
        told.ticket_id,
        told.field_name,
        told.turned_at,
        lower(told.field_value) as field_value
    from told
    cross join clock
    where told.turned_at <= clock.as_of_at

)

select * from found
