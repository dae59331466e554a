{# Follows each merge until an account that has none, or that is part of a cycle. #}
with recursive

accounts as (

    select * from {{ ref('int_accounts_unioned') }}

),

history as (

    select * from {{ ref('int_account_history_compared') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

latest_told as (

    select
        history.account_id,
        max_by(history.merged_into_account_id, history.valid_from)
            as merged_into_account_id
    from history
    inner join clock
        on history.valid_from <= clock.as_of_on
    where
        history.merged_into_account_id is not null
        and history.quarantine_rule is null
        and not history.is_empty_interval
    group by history.account_id

),

pointers as (

    select
        accounts.account_id,
        coalesce(
            accounts.merged_into_account_id, latest_told.merged_into_account_id
        ) as merged_into_account_id
    from accounts
    left join latest_told
        on accounts.account_id = latest_told.account_id

),

merged_pairs as (

    select
        account_id,
        merged_into_account_id
    from pointers
    where merged_into_account_id is not null

),

steps as (

    select
        account_id,
        merged_into_account_id as reached_account_id,
        1 as depth
    from merged_pairs

    union all

    select
        steps.account_id,
        merged_pairs.merged_into_account_id as reached_account_id,
        steps.depth + 1 as depth
    from steps
    inner join merged_pairs
        on steps.reached_account_id = merged_pairs.account_id
    where
        steps.reached_account_id <> steps.account_id
        and steps.depth < {{ var('max_hierarchy_depth') }}

),

in_cycle as (

    select account_id
    from steps
    where reached_account_id = account_id
    group by account_id

),

ends as (

    select
        steps.account_id,
        min_by(steps.reached_account_id, steps.depth) as reached_account_id
    from steps
    left join merged_pairs
        on steps.reached_account_id = merged_pairs.account_id
    left join in_cycle
        on steps.reached_account_id = in_cycle.account_id
    where
        merged_pairs.account_id is null
        or in_cycle.account_id is not null
    group by steps.account_id

),

survivors as (

    select
        pointers.account_id,
        case
            when in_cycle.account_id is null
                then coalesce(ends.reached_account_id, pointers.account_id)
            else pointers.account_id
        end as surviving_account_id,
        case
            when in_cycle.account_id is not null
                then 'merges form a cycle'
            when
                pointers.merged_into_account_id is not null
                and ends.reached_account_id is null
                then 'chain of merges is too long to follow'
        end as quarantine_rule
    from pointers
    left join ends
        on pointers.account_id = ends.account_id
    left join in_cycle
        on pointers.account_id = in_cycle.account_id

)

select * from survivors
