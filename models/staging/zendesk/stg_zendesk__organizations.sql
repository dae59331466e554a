with

source as (

    select * from {{ source('zendesk', 'organization') }}

),

renamed as (

    select
        cast(source.id as string) as organization_id,
        cast(source.name as string) as organization_name,
        cast(source.external_id as string) as external_id,
        cast(source.created_at as timestamp) as created_at,
        source._file as source_file,
        source._line as source_line
    from source

)

select * from renamed
