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

merges as (

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
    from merges

    union all

    select
        steps.account_id,
        merges.merged_into_account_id as reached_account_id,
        steps.depth + 1 as depth
    from steps
    inner join merges
        on steps.reached_account_id = merges.account_id
    where
        merges.merged_into_account_id is not null
        and steps.depth < {{ var('max_hierarchy_depth') }}

),

ends as (

    select
        steps.account_id,
        steps.reached_account_id
    from steps
    left join merges
        on steps.reached_account_id = merges.account_id
    where merges.merged_into_account_id is null

),

survivors as (

    select
        merges.account_id,
        coalesce(ends.reached_account_id, merges.account_id) as surviving_account_id,
        ends.reached_account_id is null as is_merge_cycle
    from merges
    left join ends
        on merges.account_id = ends.account_id

)

select * from survivors
