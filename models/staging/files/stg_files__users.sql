with

source as (

    select * from {{ source('files', 'users') }}

),

renamed as (

    select
        cast(user_id as string) as user_id,
        cast(user_name as string) as user_name,
        cast(role as string) as role,
        cast(manager_id as string) as manager_id,
        _file as source_file,
        _line as source_line
    from source

)

select * from renamed
