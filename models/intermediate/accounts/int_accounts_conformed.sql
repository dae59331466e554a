{# Landed accounts, plus those that revenue or a parent names but nobody landed. #}
with

accounts as (

    select * from {{ ref('int_accounts_checked') }}

),

survivors as (

    select * from {{ ref('int_accounts_merged') }}

),

subscription_items as (

    select * from {{ ref('int_subscription_items_checked') }}

),

landed as (

    select
        accounts.account_id,
        accounts.account_name,
        accounts.parent_account_id,
        accounts.owner_id,
        accounts.desired_outcome,
        accounts.is_strategic,
        accounts.growth_potential,
        accounts.country,
        accounts.segment,
        accounts.industry,
        accounts.employee_count,
        cast(accounts.created_at as date) as created_on,
        accounts.source_system,
        accounts.source_file,
        accounts.source_line,
        false as is_derived,
        false as is_placeholder
    from accounts
    where
        accounts.quarantine_rule is null
        and accounts.surviving_account_id = accounts.account_id

),

named_elsewhere as (

    select
        account_id,
        true as is_derived,
        false as is_placeholder
    from subscription_items
    where
        quarantine_rule is null
        and not is_empty_interval

    union all

    select
        surviving_account_id as account_id,
        false as is_derived,
        true as is_placeholder
    from survivors

    union all

    select
        coalesce(survivors.surviving_account_id, landed.parent_account_id)
            as account_id,
        false as is_derived,
        true as is_placeholder
    from landed
    left join survivors
        on landed.parent_account_id = survivors.account_id
    where landed.parent_account_id is not null

),

not_landed as (

    select
        named_elsewhere.account_id,
        bool_or(named_elsewhere.is_derived) as is_derived,
        not bool_or(named_elsewhere.is_derived) as is_placeholder
    from named_elsewhere
    left join landed
        on named_elsewhere.account_id = landed.account_id
    where landed.account_id is null
    group by named_elsewhere.account_id

),

all_accounts as (

    select
        account_id,
        account_name,
        parent_account_id,
        owner_id,
        desired_outcome,
        is_strategic,
        growth_potential,
        country,
        segment,
        industry,
        employee_count,
        created_on,
        source_system,
        source_file,
        source_line,
        is_derived,
        is_placeholder
    from landed

    union all

    select
        account_id,
        account_id as account_name,
        cast(null as string) as parent_account_id,
        cast(null as string) as owner_id,
        cast(null as string) as desired_outcome,
        cast(null as boolean) as is_strategic,
        cast(null as string) as growth_potential,
        cast(null as string) as country,
        cast(null as string) as segment,
        cast(null as string) as industry,
        cast(null as bigint) as employee_count,
        cast(null as date) as created_on,
        'derived' as source_system,
        cast(null as string) as source_file,
        cast(null as bigint) as source_line,
        is_derived,
        is_placeholder
    from not_landed

),

conformed as (

    select
        all_accounts.account_id,
        coalesce(all_accounts.account_name, all_accounts.account_id) as account_name,
        nullif(
            coalesce(
                survivors.surviving_account_id, all_accounts.parent_account_id
            ),
            all_accounts.account_id
        ) as parent_account_id,
        all_accounts.owner_id,
        coalesce(all_accounts.desired_outcome, 'unknown') as desired_outcome,
        coalesce(all_accounts.is_strategic, false) as is_strategic,
        all_accounts.growth_potential,
        all_accounts.country,
        all_accounts.segment,
        all_accounts.industry,
        all_accounts.employee_count,
        all_accounts.created_on,
        all_accounts.source_system,
        all_accounts.source_file,
        all_accounts.source_line,
        all_accounts.is_derived,
        all_accounts.is_placeholder
    from all_accounts
    left join survivors
        on all_accounts.parent_account_id = survivors.account_id

)

select * from conformed
