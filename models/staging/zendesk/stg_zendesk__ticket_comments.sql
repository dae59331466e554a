with

source as (

    select * from {{ source('zendesk', 'ticket_comment') }}

),

renamed as (

    select
        cast(source.id as string) as comment_id,
        cast(source.ticket_id as string) as ticket_id,
        cast(source.user_id as string) as user_id,
        cast(source.created as timestamp) as commented_at,
        cast(source.public as boolean) as is_public,
        cast(source._fivetran_synced as timestamp) as synced_at,
        source._file as source_file,
        source._line as source_line
    from source

)

select * from renamed
