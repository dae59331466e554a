with

loads as (

    select * from {{ ref('stg_run__loads') }}

),

uses as (

    select * from {{ ref('landed_table_uses') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

domains as (

    select
        uses.domain,
        bool_or(loads.load_status <> 'absent') as is_domain_landed
    from uses
    inner join loads
        on
            uses.source_system = loads.source_system
            and uses.entity = loads.entity
    group by uses.domain

),

-- A connector that wrote any row of its source lately is alive: a table of it in which
-- nothing happened is quiet, not stale.
synced as (

    select
        source_system,
        max(latest_synced_at) as latest_synced_at
    from loads
    group by source_system

),

aged as (

    select
        loads.*,
        uses.domain,
        uses.used_for,
        uses.stale_after_days,
        coalesce(domains.is_domain_landed, false) as is_domain_landed,
        greatest(
            {{ dbt.datediff('loads.latest_happened_at', 'clock.as_of_at', 'day') }}, 0
        ) as age_days,
        {{ dbt.datediff(
            'greatest(loads.latest_happened_at, coalesce('
            ~ 'synced.latest_synced_at, loads.latest_happened_at))',
            'clock.as_of_at', 'day'
        ) }} as silent_days
    from loads
    inner join synced
        on loads.source_system = synced.source_system
    cross join clock
    left join uses
        on
            loads.source_system = uses.source_system
            and loads.entity = uses.entity
    left join domains
        on uses.domain = domains.domain

),

judged as (

    select
        cast(source_system as string) as source_system,
        cast(entity as string) as entity,
        cast(domain as string) as domain,
        cast(load_status as string) as load_status,
        cast(used_for as string) as used_for,
        cast(message as string) as message,
        cast(latest_happened_at as timestamp) as latest_happened_at,
        cast(latest_received_at as timestamp) as latest_received_at,
        cast(age_days as bigint) as age_days,
        cast(rows_landed as bigint) as rows_landed,
        load_status in ('held', 'broken')
        or coalesce(silent_days > stale_after_days, false) as is_stale,
        load_status = 'absent' and not is_domain_landed as is_missing
    from aged

)

select * from judged
