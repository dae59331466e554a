with

source as (

    select * from {{ source('run', 'loads') }}

),

renamed as (

    select
        source as source_system,
        entity,
        status as load_status,
        message,
        cast(latest_happened_at as timestamp) as latest_happened_at,
        cast(latest_received_at as timestamp) as latest_received_at,
        cast(latest_synced_at as timestamp) as latest_synced_at,
        file_count,
        rows_in,
        rows_landed,
        rows_repeated,
        rows_superseded,
        rows_deleted,
        rows_quarantined,
        rows_held,
        rows_recalled,
        rows_disappeared,
        keys_without_words,
        keys_trimmed,
        keys_made_whole,
        values_without_words
    from source

)

select * from renamed
