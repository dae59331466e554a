with

source as (

    select * from {{ source('files_captured', 'contacts') }}

),

renamed as (

    select
        cast(contact_id as string) as contact_id,
        cast(account_id as string) as account_id,
        cast(email as string) as email,
        cast(role as string) as role,
        cast(joined_on as date) as joined_on,
        cast(left_on as date) as left_on,
        cast(_seen_at as timestamp) as seen_at,
        cast(_looked_at as timestamp) as looked_at,
        cast(_is_gone as boolean) as is_gone,
        cast(_capture as bigint) as capture_number
    from source

)

select * from renamed
