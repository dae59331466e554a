{# One person may stand in two systems under one id; the first by policy counts. #}
with

users as (

    select * from {{ ref('int_users_unioned') }}

),

precedences as (

    select * from {{ ref('source_precedence') }}

),

-- A source that nobody ranked comes first, so that the test on it goes red.
ranked as (

    select
        users.*,
        row_number() over (
            partition by users.user_id
            order by coalesce(precedences.precedence, 0), users.source_system
        ) as source_rank
    from users
    left join precedences
        on
            users.source_system = precedences.source_system
            and precedences.entity = 'users'

),

conformed as (

    select
        source_system,
        user_id,
        user_name,
        role,
        manager_id
    from ranked
    where source_rank = 1

)

select * from conformed
