with recursive

accounts as (

    select * from {{ ref('int_accounts_unioned') }}

),

history as (

    select * from {{ ref('int_account_history_unioned') }}

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
    where history.merged_into_account_id is not null
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

steps as (

    select
        account_id,
        account_id as reached_account_id,
        0 as depth
    from pointers

    union all

    select
        steps.account_id,
        pointers.merged_into_account_id as reached_account_id,
        steps.depth + 1 as depth
    from steps
    inner join pointers
        on steps.reached_account_id = pointers.account_id
    where
        pointers.merged_into_account_id is not null
        and steps.depth < {{ var('max_hierarchy_depth') }}

),

ends as (

    select
        steps.account_id,
        steps.reached_account_id
    from steps
    left join pointers
        on steps.reached_account_id = pointers.account_id
    where pointers.merged_into_account_id is null

),

survivors as (

    select
        pointers.account_id,
        coalesce(ends.reached_account_id, pointers.account_id) as surviving_account_id,
        ends.reached_account_id is null as is_merge_cycle
    from pointers
    left join ends
        on pointers.account_id = ends.account_id

)

select * from survivors
