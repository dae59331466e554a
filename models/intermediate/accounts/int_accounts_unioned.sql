with

file_accounts as (

    select * from {{ ref('stg_files__accounts') }}

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
        industry,
        employee_count,
        created_at,
        'files' as source_system,
        source_file,
        source_line
    from file_accounts

)

select * from labelled
