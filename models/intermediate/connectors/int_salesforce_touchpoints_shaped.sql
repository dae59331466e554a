{# A task that was written down later than it took place is known since then. #}
with

tasks as (

    select * from {{ ref('stg_salesforce__tasks') }}

),

shaped as (

    select
        'salesforce' as source_system,
        task_id as touchpoint_id,
        account_id,
        activity_on as touched_on,
        greatest(activity_on, coalesce(cast(created_at as date), activity_on))
            as known_on,
        source_file,
        source_line
    from tasks
    where
        account_id is not null
        and activity_on is not null
        and lower(status) = 'completed'

)

select * from shaped
