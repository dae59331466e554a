with

source as (

    select * from {{ source('salesforce', 'account_history') }}

),

renamed as (

    select
        cast(id as string) as account_id,
        cast(_fivetran_start as timestamp) as valid_from_at,
        cast(_fivetran_end as timestamp) as valid_to_at,
        cast(parent_id as string) as parent_account_id,
        cast(master_record_id as string) as merged_into_account_id,
        cast(owner_id as string) as owner_id,
        cast(desired_outcome_c as string) as desired_outcome,
        cast(strategic_c as boolean) as is_strategic,
        cast(growth_potential_c as string) as growth_potential,
        cast(billing_country as string) as country,
        cast(is_deleted as boolean) as is_deleted,
        cast(_fivetran_synced as timestamp) as synced_at,
        _file as source_file,
        _line as source_line
    from source

)

select * from renamed
