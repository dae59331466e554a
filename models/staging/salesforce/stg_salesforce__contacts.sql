with

source as (

    select * from {{ source('salesforce', 'contact') }}

),

renamed as (

    select
        cast(source.id as string) as contact_id,
        cast(source.account_id as string) as account_id,
        cast(source.name as string) as contact_name,
        cast(source.email as string) as email,
        cast(source.title as string) as title,
        cast(source.role_c as string) as role,
        cast(source.no_longer_at_company_c as boolean) as has_left,
        cast(source.left_on_c as date) as left_on,
        cast(source.created_date as timestamp) as created_at,
        cast(source._fivetran_synced as timestamp) as synced_at,
        source._file as source_file,
        source._line as source_line
    from source
    where not coalesce(source.is_deleted, false)

)

select * from renamed
