with

source as (

    select * from {{ source('zendesk', 'ticket_tag') }}

),

renamed as (

    select
        cast(ticket_id as string) as ticket_id,
        cast(tag as string) as tag,
        _file as source_file,
        _line as source_line
    from source

)

select * from renamed
