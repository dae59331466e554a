{# Windows that touch are one run of activity: its first and last day are changes. #}
with

windows as (

    select * from {{ ref('int_activity_windows_listed') }}

),

reached as (

    select
        account_id,
        actor_kind,
        active_from,
        max(active_to) over (
            partition by account_id, actor_kind, actor_id
            order by active_from
            rows between unbounded preceding and 1 preceding
        ) as earlier_active_to,
        max(active_to) over (
            partition by account_id, actor_kind, actor_id
            order by active_from
            rows between unbounded preceding and current row
        ) as reached_active_to,
        lead(active_from) over (
            partition by account_id, actor_kind, actor_id
            order by active_from
        ) as next_active_from
    from windows

),

changes as (

    select
        account_id,
        actor_kind,
        active_from as changed_on,
        1 as amount
    from reached
    where coalesce(earlier_active_to < active_from, true)

    union all

    select
        account_id,
        actor_kind,
        reached_active_to as changed_on,
        -1 as amount
    from reached
    where coalesce(next_active_from > reached_active_to, true)

),

found as (

    select
        account_id,
        actor_kind,
        changed_on,
        sum(amount) as amount
    from changes
    group by account_id, actor_kind, changed_on

)

select * from found
