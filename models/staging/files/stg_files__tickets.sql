with

source as (

    select * from {{ source('files', 'tickets') }}

),

renamed as (

    select
        cast(ticket_id as string) as ticket_id,
        cast(account_id as string) as account_id,
        cast(opened_at as timestamp) as opened_at,
        cast(first_response_at as timestamp) as first_response_at,
        cast(solved_at as timestamp) as solved_at,
        cast(reopened_count as bigint) as reopened_count,
        cast(severity as string) as severity,
        cast(topic as string) as topic,
        _file as source_file,
        _line as source_line
    from source

)

select * from renamed
