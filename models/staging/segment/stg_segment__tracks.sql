with

source as (

    select * from {{ source('segment', 'tracks') }}

),

renamed as (

    select
        cast(source.id as string) as event_id,
        cast(source.context_group_id as string) as workspace_id,
        cast(source.user_id as string) as user_id,
        cast(source.event as string) as event_name,
        cast(source.timestamp as timestamp) as occurred_at,
        cast(source.received_at as timestamp) as received_at,
        cast(source.properties as string) as properties,
        source._file as source_file,
        source._line as source_line
    from source

)

select * from renamed
