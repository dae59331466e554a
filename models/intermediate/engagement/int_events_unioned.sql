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
        *
    from file_events

    union all

    select
        'segment' as source_system,
        *
    from segment_events

)

select * from unioned
