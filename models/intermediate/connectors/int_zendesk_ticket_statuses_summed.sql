{# Solved and closed are one: the closing some days after a solution is no event. #}
with

field_changes as (

    select * from {{ ref('stg_zendesk__ticket_field_changes') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

statuses as (

    select
        field_changes.ticket_id,
        field_changes.changed_at,
        field_changes.field_value in ('solved', 'closed') as is_solved
    from field_changes
    cross join clock
    where
        field_changes.field_name = 'status'
        and field_changes.changed_at <= clock.as_of_at

),

compared as (

    select
        ticket_id,
        changed_at,
        is_solved,
        coalesce(
            lag(is_solved) over (
                partition by ticket_id
                order by changed_at
            ),
            false
        ) as was_solved
    from statuses

),

summed as (

    select
        ticket_id,
        max(case when is_solved and not was_solved then changed_at end)
            as last_solved_at,
        max_by(is_solved, changed_at) as is_solved,
        count(case when was_solved and not is_solved then 1 end) as reopened_count
    from compared
    group by ticket_id

)

select * from summed
