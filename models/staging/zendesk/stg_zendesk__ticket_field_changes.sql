with

source as (

    select * from {{ source('zendesk', 'ticket_field_history') }}

),

renamed as (

    select
        cast(source.ticket_id as string) as ticket_id,
        cast(source.field_name as string) as field_name,
        cast(source.updated as timestamp) as changed_at,
        cast(source.value as string) as field_value,
        cast(source._fivetran_synced as timestamp) as synced_at,
        source._file as source_file,
        source._line as source_line
    from source

)

select * from renamed
