with

file_users as (

    select * from {{ ref('stg_files__users') }}

),

salesforce_users as (

    select * from {{ ref('int_salesforce_users_shaped') }}

),

unioned as (

    select
        'files' as source_system,
        user_id,
        user_name,
        role,
        manager_id,
        source_file,
        source_line
    from file_users

    union all

    select
        'salesforce' as source_system,
        user_id,
        user_name,
        role,
        manager_id,
        source_file,
        source_line
    from salesforce_users

)

select * from unioned
