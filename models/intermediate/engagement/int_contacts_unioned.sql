with

file_contacts as (

    select * from {{ ref('stg_files__contacts') }}

),

salesforce_contacts as (

    select * from {{ ref('int_salesforce_contacts_shaped') }}

),

unioned as (

    select
        'files' as source_system,
        contact_id,
        account_id,
        contact_name,
        email,
        role,
        joined_on,
        left_on,
        source_file,
        source_line
    from file_contacts

    union all

    select
        'salesforce' as source_system,
        contact_id,
        account_id,
        contact_name,
        email,
        role,
        joined_on,
        left_on,
        source_file,
        source_line
    from salesforce_contacts

)

select * from unioned
