{# Days on which a contact or a persona counts as active, as unions of its windows. #}
with

acts as (

    select * from {{ ref('int_stakeholder_acts_matched') }}

),

windows as (

    select
        account_id,
        'contact' as actor_kind,
        contact_key as actor_id,
        known_on as active_from,
        max(least(
            {{ days_after(var('stakeholder_window_days'), 'acted_on') }}, left_on
        )) as active_to
    from acts
    group by account_id, contact_key, known_on

    union all

    select
        account_id,
        'persona' as actor_kind,
        persona as actor_id,
        known_on as active_from,
        max(least(
            {{ days_after(var('stakeholder_window_days'), 'acted_on') }}, left_on
        )) as active_to
    from acts
    where persona is not null
    group by account_id, persona, known_on

),

reached as (

    select
        *,
        max(active_to) over (
            partition by account_id, actor_kind, actor_id
            order by active_from
            rows between unbounded preceding and 1 preceding
        ) as earlier_active_to
    from windows
    where active_from < active_to

),

numbered as (

    select
        *,
        count_if(earlier_active_to is null or earlier_active_to < active_from) over (
            partition by account_id, actor_kind, actor_id
            order by active_from
            rows between unbounded preceding and current row
        ) as span_number
    from reached

),

merged as (

    select
        account_id,
        actor_kind,
        actor_id,
        span_number,
        min(active_from) as active_from,
        max(active_to) as active_to
    from numbered
    group by account_id, actor_kind, actor_id, span_number

)

select * from merged
