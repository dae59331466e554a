with

source as (

    select * from {{ source('salesforce_captured', 'contact') }}

),

renamed as (

    select
        cast(source.id as string) as contact_id,
        cast(source.account_id as string) as account_id,
        cast(source.email as string) as email,
        cast(source.role_c as string) as role,
        cast(source.no_longer_at_company_c as boolean) as has_left,
        cast(source.left_on_c as date) as left_on,
        cast(source.created_date as timestamp) as created_at,
        cast(source._fivetran_synced as timestamp) as synced_at,
        cast(source._seen_at as timestamp) as seen_at,
        cast(source._looked_at as timestamp) as looked_at,
        source._is_gone or coalesce(source.is_deleted, false) as is_gone,
        cast(source._capture as bigint) as capture_number
    from source

)

select * from renamed
