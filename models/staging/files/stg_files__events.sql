with

source as (

    select * from {{ source('files', 'events') }}

),

renamed as (

    select
        cast(event_id as string) as event_id,
        cast(account_id as string) as account_id,
        cast(user_id as string) as user_id,
        cast(event_name as string) as event_name,
        cast(occurred_at as timestamp) as occurred_at,
        cast(received_at as timestamp) as received_at,
        cast(properties as string) as properties,
        _file as source_file,
        _line as source_line
    from source

)

select * from renamed
