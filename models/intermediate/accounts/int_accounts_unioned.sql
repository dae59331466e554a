{# An id that two sources land is taken from the one that comes first by policy. #}
with

file_accounts as (

    select * from {{ ref('stg_files__accounts') }}

),

salesforce_accounts as (

    select * from {{ ref('int_salesforce_accounts_shaped') }}

),

precedences as (

    select * from {{ ref('source_precedence') }}

),

labelled as (

    select
        account_id,
        account_name,
        parent_account_id,
        merged_into_account_id,
        owner_id,
        desired_outcome,
        is_strategic,
        growth_potential,
        country,
        segment,
        industry,
        employee_count,
        created_at,
        'files' as source_system,
        source_file,
        source_line
    from file_accounts

    union all

    select
        account_id,
        account_name,
        parent_account_id,
        merged_into_account_id,
        owner_id,
        desired_outcome,
        is_strategic,
        growth_potential,
        country,
        cast(null as string) as segment,
        industry,
        employee_count,
        created_at,
        'salesforce' as source_system,
        source_file,
        source_line
    from salesforce_accounts

),

-- A source that nobody ranked comes first, so that the test on it goes red.
ranked as (

    select
        labelled.*,
        row_number() over (
            partition by labelled.account_id
            order by coalesce(precedences.precedence, 0), labelled.source_system
        ) as source_rank
    from labelled
    left join precedences
        on
            labelled.source_system = precedences.source_system
            and precedences.entity = 'accounts'

),

unioned as (

    select
        account_id,
        account_name,
        parent_account_id,
        merged_into_account_id,
        owner_id,
        desired_outcome,
        is_strategic,
        growth_potential,
        country,
        segment,
        industry,
        employee_count,
        created_at,
        source_system,
        source_file,
        source_line
    from ranked
    where source_rank = 1

)

select * from unioned
