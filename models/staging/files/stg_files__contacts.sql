with

source as (

    select * from {{ source('files', 'contacts') }}

),

renamed as (

    select
        cast(contact_id as string) as contact_id,
        cast(account_id as string) as account_id,
        cast(contact_name as string) as contact_name,
        cast(email as string) as email,
        cast(role as string) as role,
        cast(joined_on as date) as joined_on,
        cast(left_on as date) as left_on,
        _file as source_file,
        _line as source_line
    from source

)

select * from renamed
