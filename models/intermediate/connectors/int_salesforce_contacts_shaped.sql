{# Who left on an unknown day had left by the day the connector saw it. #}
with

contacts as (

    select * from {{ ref('stg_salesforce__contacts') }}

),

shaped as (

    select
        contact_id,
        account_id,
        contact_name,
        email,
        lower(role) as role,
        cast(created_at as date) as joined_on,
        coalesce(left_on, case when has_left then cast(synced_at as date) end)
            as left_on,
        source_file,
        source_line
    from contacts
    where account_id is not null

)

select * from shaped
