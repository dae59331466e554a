{# Every landed account, with the rule it breaks; nothing is left out here. #}
with

accounts as (

    select * from {{ ref('int_accounts_unioned') }}

),

survivors as (

    select * from {{ ref('int_accounts_merged') }}

),

checked as (

    select
        accounts.account_id,
        survivors.surviving_account_id,
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
        accounts.created_at,
        accounts.source_system,
        accounts.source_file,
        accounts.source_line,
        case
            when accounts.merged_into_account_id is not null
                then survivors.quarantine_rule
        end as quarantine_rule,
        case
            when accounts.parent_account_id = accounts.account_id
                then 'account names itself as its parent: read as none'
        end as warning_rule
    from accounts
    inner join survivors
        on accounts.account_id = survivors.account_id

)

select * from checked
