{# What end users did themselves: they asked, they wrote again, they rated. #}
with

users as (

    select * from {{ ref('stg_zendesk__users') }}

),

tickets as (

    select * from {{ ref('stg_zendesk__tickets') }}

),

comments as (

    select * from {{ ref('stg_zendesk__ticket_comments') }}

),

ratings as (

    select * from {{ ref('stg_zendesk__satisfaction_ratings') }}

),

acts as (

    select
        requester_id as user_id,
        opened_at as acted_at
    from tickets

    union all

    select
        user_id,
        commented_at as acted_at
    from comments

    union all

    select
        requester_id as user_id,
        rated_at as acted_at
    from ratings
    where
        score like 'good%'
        or score like 'bad%'

),

shaped as (

    select
        lower(trim(users.email)) as email,
        cast(acts.acted_at as date) as acted_on
    from acts
    inner join users
        on acts.user_id = users.user_id
    where
        users.email is not null
        and users.role = 'end-user'
    group by lower(trim(users.email)), cast(acts.acted_at as date)

)

select * from shaped
