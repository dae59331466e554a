with

source as (

    select * from {{ source('files', 'account_history') }}

),

renamed as (

    select
        cast(account_id as string) as account_id,
        cast(valid_from as date) as valid_from,
        {{ first_day_after('valid_to') }} as valid_to,
        cast(parent_account_id as string) as parent_account_id,
        cast(merged_into_account_id as string) as merged_into_account_id,
        cast(owner_id as string) as owner_id,
        cast(desired_outcome as string) as desired_outcome,
        cast(strategic as boolean) as is_strategic,
        cast(growth_potential as string) as growth_potential,
        cast(country as string) as country,
        cast(segment as string) as segment,
        _file as source_file,
        _line as source_line
    from source

)

select * from renamed
