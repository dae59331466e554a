{# A merged-away account stays, so that what names it is read under its survivor. #}
with

accounts as (

    select * from {{ ref('stg_salesforce__accounts') }}

),

shaped as (

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
        source_file,
        source_line
    from accounts
    where
        not coalesce(is_deleted, false)
        or merged_into_account_id is not null

)

select * from shaped
