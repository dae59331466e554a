{# One person may stand in two systems under one id; the files contract wins. #}
with

users as (

    select * from {{ ref('int_users_unioned') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by user_id
            order by
                case when source_system = 'files' then 0 else 1 end,
                source_system
        ) as source_rank
    from users

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
