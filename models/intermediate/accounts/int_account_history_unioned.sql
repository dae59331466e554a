with

file_history as (

    select * from {{ ref('stg_files__account_history') }}

),

labelled as (

    select
        account_id,
        valid_from,
        valid_to,
        parent_account_id,
        merged_into_account_id,
        owner_id,
        desired_outcome,
        is_strategic,
        growth_potential,
        country,
        'files' as source_system,
        source_file,
        source_line
    from file_history

)

select * from labelled
