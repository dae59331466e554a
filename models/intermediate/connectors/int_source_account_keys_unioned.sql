{# What a customer of each source says of who it is, in the order in which it is
   believed. #}
with

customers as (

    select * from {{ ref('stg_stripe__customers') }}

),

organizations as (

    select * from {{ ref('stg_zendesk__organizations') }}

),

organization_domains as (

    select * from {{ ref('stg_zendesk__organization_domains') }}

),

responses as (

    select * from {{ ref('stg_surveys__responses') }}

),

accounts as (

    select * from {{ ref('stg_salesforce__accounts') }}

),

unioned as (

    select
        'stripe' as source_system,
        customer_id as source_account_id,
        'metadata' as match_rule,
        1 as match_rank,
        'account_id' as key_kind,
        {{ json_text('metadata', 'salesforce_account_id') }} as key_value
    from customers

    union all

    select
        'stripe' as source_system,
        customer_id as source_account_id,
        'name' as match_rule,
        2 as match_rank,
        'name' as key_kind,
        customer_name as key_value
    from customers

    union all

    select
        'stripe' as source_system,
        customer_id as source_account_id,
        'domain' as match_rule,
        3 as match_rank,
        'domain' as key_kind,
        lower(nullif(split_part(email, '@', 2), '')) as key_value
    from customers

    union all

    select
        'zendesk' as source_system,
        organization_id as source_account_id,
        'external_id' as match_rule,
        1 as match_rank,
        'account_id' as key_kind,
        external_id as key_value
    from organizations

    union all

    select
        'zendesk' as source_system,
        organization_id as source_account_id,
        'domain' as match_rule,
        2 as match_rank,
        'domain' as key_kind,
        lower(domain_name) as key_value
    from organization_domains

    union all

    select
        'segment' as source_system,
        product_workspace_id as source_account_id,
        'workspace_id' as match_rule,
        1 as match_rank,
        'workspace_id' as key_kind,
        product_workspace_id as key_value
    from accounts
    where product_workspace_id is not null
    group by product_workspace_id

    union all

    select
        'surveys' as source_system,
        crm_account_id as source_account_id,
        'external_id' as match_rule,
        1 as match_rank,
        'account_id' as key_kind,
        crm_account_id as key_value
    from responses
    where crm_account_id is not null
    group by crm_account_id

    union all

    select
        'salesforce' as source_system,
        account_id as source_account_id,
        'own_id' as match_rule,
        1 as match_rank,
        'account_id' as key_kind,
        account_id as key_value
    from accounts

)

select * from unioned
