{# Days on which a user or a feature counts as active, as unions of its windows. #}
with

uses as (

    select * from {{ ref('int_feature_uses_classified') }}

),

active_on as (

    select
        account_id,
        'user' as actor_kind,
        user_id as actor_id,
        known_on,
        max(occurred_on) as occurred_on
    from uses
    where
        is_use
        and user_id is not null
    group by account_id, user_id, known_on

    union all

    select
        account_id,
        'feature' as actor_kind,
        feature as actor_id,
        known_on,
        max(occurred_on) as occurred_on
    from uses
    where is_use
    group by account_id, feature, known_on

),

windows as (

    select
        account_id,
        actor_kind,
        actor_id,
        known_on as active_from,
        {{ days_after(var('usage_window_days'), 'occurred_on') }} as active_to
    from active_on

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
