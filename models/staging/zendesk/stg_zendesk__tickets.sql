with

source as (

    select * from {{ source('zendesk', 'ticket') }}

),

renamed as (

    select
        cast(id as string) as ticket_id,
        cast(organization_id as string) as organization_id,
        cast(requester_id as string) as requester_id,
        cast(assignee_id as string) as assignee_id,
        cast(priority as string) as priority,
        cast(status as string) as status,
        cast(merged_ticket_ids as string) as merged_ticket_ids,
        cast(created_at as timestamp) as opened_at,
        cast(updated_at as timestamp) as updated_at,
        cast(_fivetran_synced as timestamp) as synced_at,
        _file as source_file,
        _line as source_line
    from source
    where
        coalesce(lower(status), 'new') <> 'deleted'
        and not coalesce(_fivetran_deleted, false)

)

select * from renamed
