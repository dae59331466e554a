with

source as (

    select * from {{ source('zendesk', 'domain_name') }}

),

renamed as (

    select
        cast(source.organization_id as string) as organization_id,
        cast(source.index as bigint) as domain_index,
        cast(source.domain_name as string) as domain_name,
        source._file as source_file,
        source._line as source_line
    from source

)

select * from renamed
