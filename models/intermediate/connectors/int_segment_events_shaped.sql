{{ config(materialized='view') }}
{# A view: the stream is read once, where it is rolled up. #}
with

tracks as (

    select * from {{ ref('stg_segment__tracks') }}

),

identities as (

    select * from {{ ref('int_account_identities_matched') }}

),

shaped as (

    select
        tracks.event_id,
        identities.account_id,
        tracks.user_id,
        tracks.event_name,
        tracks.occurred_at,
        tracks.received_at,
        tracks.properties,
        tracks.source_file,
        tracks.source_line
    from tracks
    left join identities
        on
            tracks.workspace_id = identities.source_account_id
            and identities.source_system = 'segment'

)

select * from shaped
