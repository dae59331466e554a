with

source as (

    select * from {{ source('zendesk', 'user') }}

),

renamed as (

    select
        cast(id as string) as user_id,
        cast(organization_id as string) as organization_id,
        cast(email as string) as email,
        cast(role as string) as role,
        _file as source_file,
        _line as source_line
    from source

)

select * from renamed
