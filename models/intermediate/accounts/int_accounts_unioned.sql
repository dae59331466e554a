{# An id that two sources land is taken from files: there it is stated on purpose. #}
with

file_accounts as (

    select * from {{ ref('stg_files__accounts') }}

),

salesforce_accounts as (

    select * from {{ ref('int_salesforce_accounts_shaped') }}

),

labelled as (

    select
        *,
        'files' as source_system
    from file_accounts

    union all

    select
        *,
        'salesforce' as source_system
    from salesforce_accounts

),

ranked as (

    select
        *,
        row_number() over (
            partition by account_id
            order by source_system
        ) as source_rank
    from labelled

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
