{# Where no look was before the run's day, today's contacts are all that is known. #}
with

file_captures as (

    select * from {{ ref('stg_files__contact_captures') }}

),

salesforce_captures as (

    select * from {{ ref('stg_salesforce__contact_captures') }}

),

contacts as (

    select * from {{ ref('int_contacts_conformed') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

captures as (

    select
        'files' as source_system,
        contact_id,
        account_id,
        email,
        role,
        joined_on,
        left_on,
        cast(null as date) as gone_by,
        left_on is not null as has_left,
        cast(seen_at as date) as seen_on,
        cast(looked_at as date) as looked_on,
        is_gone,
        capture_number
    from file_captures

    union all

    -- Who left on an unknown day had left by the day the connector saw it.
    select
        'salesforce' as source_system,
        contact_id,
        account_id,
        email,
        role,
        cast(created_at as date) as joined_on,
        left_on,
        cast(case when looked_at is null then synced_at else seen_at end as date)
            as gone_by,
        coalesce(has_left, false) or left_on is not null as has_left,
        cast(seen_at as date) as seen_on,
        cast(looked_at as date) as looked_on,
        is_gone or account_id is null as is_gone,
        capture_number
    from salesforce_captures

),

sources_captured as (

    select source_system
    from captures
    group by source_system

),

seen as (

    select
        source_system,
        contact_id,
        account_id,
        email,
        role,
        joined_on,
        left_on,
        gone_by,
        has_left,
        seen_on,
        looked_on,
        is_gone,
        capture_number
    from captures

    union all

    select
        contacts.source_system,
        contacts.contact_id,
        contacts.account_id,
        contacts.email,
        contacts.role,
        contacts.joined_on,
        contacts.left_on,
        cast(null as date) as gone_by,
        contacts.left_on is not null as has_left,
        clock.as_of_on as seen_on,
        cast(null as date) as looked_on,
        false as is_gone,
        cast(0 as bigint) as capture_number
    from contacts
    cross join clock
    left join sources_captured
        on contacts.source_system = sources_captured.source_system
    where sources_captured.source_system is null

)

select * from seen
