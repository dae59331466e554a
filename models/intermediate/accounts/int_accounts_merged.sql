with recursive

accounts as (

    select * from {{ ref('int_accounts_unioned') }}

),

steps as (

    select
        account_id,
        account_id as reached_account_id,
        0 as depth
    from accounts

    union all

    select
        steps.account_id,
        accounts.merged_into_account_id as reached_account_id,
        steps.depth + 1 as depth
    from steps
    inner join accounts
        on steps.reached_account_id = accounts.account_id
    where
        accounts.merged_into_account_id is not null
        and steps.depth < {{ var('max_hierarchy_depth') }}

),

ends as (

    select
        steps.account_id,
        steps.reached_account_id
    from steps
    left join accounts
        on steps.reached_account_id = accounts.account_id
    where accounts.merged_into_account_id is null

),

survivors as (

    select
        accounts.account_id,
        coalesce(ends.reached_account_id, accounts.account_id) as surviving_account_id,
        ends.reached_account_id is null as is_merge_cycle
    from accounts
    left join ends
        on accounts.account_id = ends.account_id

)

select * from survivors
