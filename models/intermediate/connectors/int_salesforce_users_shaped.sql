{# Salesforce has no plain role: it is read from the job title. #}
with

users as (

    select * from {{ ref('stg_salesforce__users') }}

),

shaped as (

    select
        user_id,
        user_name,
        case
            when lower(title) = 'customer success manager' then 'csm'
            else replace(lower(title), ' ', '_')
        end as role,
        manager_id,
        source_file,
        source_line
    from users

)

select * from shaped
