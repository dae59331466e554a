with

source as (

    select * from {{ source('files', 'accounts') }}

),

renamed as (

    select
        cast(account_id as string) as account_id,
        cast(account_name as string) as account_name,
        cast(parent_account_id as string) as parent_account_id,
        cast(merged_into_account_id as string) as merged_into_account_id,
        cast(owner_id as string) as owner_id,
        cast(desired_outcome as string) as desired_outcome,
        cast(strategic as boolean) as is_strategic,
        cast(growth_potential as string) as growth_potential,
        cast(country as string) as country,
        cast(segment as string) as segment,
        cast(industry as string) as industry,
        cast(employees as bigint) as employee_count,
        cast(created_at as timestamp) as created_at,
        _file as source_file,
        _line as source_line
    from source

)

select * from renamed
