with

source as (

    select * from {{ source('salesforce', 'account') }}

),

renamed as (

    select
        cast(source.id as string) as account_id,
        cast(source.name as string) as account_name,
        cast(source.parent_id as string) as parent_account_id,
        cast(source.master_record_id as string) as merged_into_account_id,
        cast(source.owner_id as string) as owner_id,
        cast(source.desired_outcome_c as string) as desired_outcome,
        cast(source.strategic_c as boolean) as is_strategic,
        cast(source.growth_potential_c as string) as growth_potential,
        cast(source.billing_country as string) as country,
        cast(source.industry as string) as industry,
        cast(source.website as string) as website,
        cast(source.product_workspace_id_c as string) as product_workspace_id,
        cast(source.number_of_employees as bigint) as employee_count,
        cast(source.created_date as timestamp) as created_at,
        cast(source.is_deleted as boolean) as is_deleted,
        source._file as source_file,
        source._line as source_line
    from source

)

select * from renamed
