with

file_events as (

    select * from {{ ref('stg_files__events') }}

),

segment_events as (

    select * from {{ ref('int_segment_events_shaped') }}

),

unioned as (

    select
        'files' as source_system,
        event_id,
        account_id,
        user_id,
        event_name,
        occurred_at,
        received_at,
        properties,
        source_file,
        source_line
    from file_events

    union all

    select
        'segment' as source_system,
        event_id,
        account_id,
        user_id,
        event_name,
        occurred_at,
        received_at,
        properties,
        source_file,
        source_line
    from segment_events

)

select * from unioned
