{# What an account can be recognised by. A merged-away duplicate and its survivor are
   one account here, by the first source by policy that tells of it. #}
with

salesforce_accounts as (

    select * from {{ ref('stg_salesforce__accounts') }}

),

file_accounts as (

    select * from {{ ref('stg_files__accounts') }}

),

precedences as (

    select * from {{ ref('source_precedence') }}

),

labelled as (

    select
        'salesforce' as source_system,
        account_id,
        coalesce(merged_into_account_id, account_id) as surviving_account_id,
        account_name,
        product_workspace_id,
        split_part(
            split_part(
                replace(replace(lower(trim(website)), 'https://', ''), 'http://', ''),
                '/',
                1
            ),
            ':',
            1
        ) as website_host
    from salesforce_accounts
    where
        not coalesce(is_deleted, false)
        or merged_into_account_id is not null

    union all

    select
        'files' as source_system,
        account_id,
        coalesce(merged_into_account_id, account_id) as surviving_account_id,
        account_name,
        cast(null as string) as product_workspace_id,
        cast(null as string) as website_host
    from file_accounts

),

crm_accounts as (

    select
        labelled.account_id,
        first_value(labelled.surviving_account_id) over (
            partition by labelled.account_id
            order by coalesce(precedences.precedence, 0), labelled.source_system
        ) as surviving_account_id,
        labelled.account_name,
        labelled.product_workspace_id,
        labelled.website_host
    from labelled
    left join precedences
        on
            labelled.source_system = precedences.source_system
            and precedences.entity = 'accounts'

),

unioned as (

    select
        'account_id' as key_kind,
        account_id as key_value,
        account_id,
        surviving_account_id
    from crm_accounts

    union all

    select
        'workspace_id' as key_kind,
        product_workspace_id as key_value,
        account_id,
        surviving_account_id
    from crm_accounts
    where product_workspace_id is not null

    union all

    select
        'name' as key_kind,
        account_name as key_value,
        account_id,
        surviving_account_id
    from crm_accounts
    where account_name is not null

    union all

    select
        'domain' as key_kind,
        case
            when website_host like 'www.%' then substr(website_host, 5)
            else website_host
        end as key_value,
        account_id,
        surviving_account_id
    from crm_accounts
    where website_host <> ''

),

-- Two sources may tell of one account the same.
told_once as (

    select
        key_kind,
        key_value,
        account_id,
        surviving_account_id
    from unioned
    group by key_kind, key_value, account_id, surviving_account_id

)

select * from told_once
