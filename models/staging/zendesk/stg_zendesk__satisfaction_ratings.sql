with

source as (

    select * from {{ source('zendesk', 'satisfaction_rating') }}

),

renamed as (

    select
        cast(id as string) as rating_id,
        cast(ticket_id as string) as ticket_id,
        cast(requester_id as string) as requester_id,
        cast(score as string) as score,
        cast(created_at as timestamp) as rated_at,
        cast(_fivetran_synced as timestamp) as synced_at,
        _file as source_file,
        _line as source_line
    from source

)

select * from renamed
