with

source as (

    select * from {{ source('salesforce', 'user') }}

),

renamed as (

    select
        cast(source.id as string) as user_id,
        cast(source.name as string) as user_name,
        cast(source.email as string) as email,
        cast(source.title as string) as title,
        cast(source.manager_id as string) as manager_id,
        cast(source.is_active as boolean) as is_active,
        source._file as source_file,
        source._line as source_line
    from source

)

select * from renamed
