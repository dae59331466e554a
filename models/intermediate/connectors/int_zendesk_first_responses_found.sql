{# A person of ours, in public, and not the one who asked. #}
with

comments as (

    select * from {{ ref('stg_zendesk__ticket_comments') }}

),

users as (

    select * from {{ ref('stg_zendesk__users') }}

),

tickets as (

    select * from {{ ref('stg_zendesk__tickets') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

found as (

    select
        comments.ticket_id,
        min(comments.commented_at) as first_response_at
    from comments
    inner join users
        on comments.user_id = users.user_id
    inner join tickets
        on comments.ticket_id = tickets.ticket_id
    cross join clock
    where
        comments.is_public
        and users.role in ('agent', 'admin')
        and comments.user_id is distinct from tickets.requester_id
        and comments.commented_at <= clock.as_of_at
    group by comments.ticket_id

)

select * from found
