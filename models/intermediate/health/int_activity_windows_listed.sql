{# Who or what was active, from the day it was known to the end of its window. #}
with

uses as (

    select * from {{ ref('int_feature_uses_recalled') }}

),

-- The finest grain once; each kind of actor is a coarser one.
pairs as (

    select
        account_id,
        user_id,
        feature,
        use_case,
        is_core,
        known_on,
        max(occurred_on) as occurred_on
    from uses
    where is_use
    group by account_id, user_id, feature, use_case, is_core, known_on

),

users as (

    select
        account_id,
        user_id,
        known_on,
        max(occurred_on) as occurred_on
    from pairs
    where user_id is not null
    group by account_id, user_id, known_on

),

features as (

    select
        account_id,
        feature,
        is_core,
        known_on,
        max(occurred_on) as occurred_on
    from pairs
    group by account_id, feature, is_core, known_on

),

actors as (

    select
        account_id,
        'user' as actor_kind,
        user_id as actor_id,
        known_on,
        occurred_on,
        {{ var('usage_window_days') }} as window_days
    from users

    union all

    select
        account_id,
        'seat' as actor_kind,
        user_id as actor_id,
        known_on,
        occurred_on,
        {{ var('usage_baseline_days') }} as window_days
    from users

    union all

    select
        account_id,
        'feature' as actor_kind,
        feature as actor_id,
        known_on,
        occurred_on,
        {{ var('usage_window_days') }} as window_days
    from features

    union all

    select
        account_id,
        'core_feature' as actor_kind,
        feature as actor_id,
        known_on,
        occurred_on,
        {{ var('usage_window_days') }} as window_days
    from features
    where is_core

    union all

    select
        account_id,
        'user_feature' as actor_kind,
        concat_ws('|', user_id, feature) as actor_id,
        known_on,
        occurred_on,
        {{ var('usage_window_days') }} as window_days
    from pairs
    where user_id is not null

    union all

    select
        account_id,
        concat('user_of_', use_case) as actor_kind,
        user_id as actor_id,
        known_on,
        max(occurred_on) as occurred_on,
        {{ var('usage_window_days') }} as window_days
    from pairs
    where
        user_id is not null
        and use_case <> 'none'
    group by account_id, use_case, user_id, known_on

),

listed as (

    select
        account_id,
        actor_kind,
        actor_id,
        known_on as active_from,
        {{ days_after('window_days', 'occurred_on') }} as active_to
    from actors

)

select * from listed
where active_from < active_to
