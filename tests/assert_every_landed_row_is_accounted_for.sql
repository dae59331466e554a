-- A returned row is a landed table whose rows in are not all accounted for.
with

loads as (

    select * from {{ ref('stg_run__loads') }}

),

counted as (

    select
        source_system,
        entity,
        sum(row_count) as row_count
    from {{ ref('fct_data_quality') }}
    where
        stage = 'load'
        and disposition <> 'recalled'
    group by source_system, entity

)

select
    loads.source_system,
    loads.entity,
    loads.rows_in,
    counted.row_count
from loads
left join counted
    on
        loads.source_system = counted.source_system
        and loads.entity = counted.entity
where loads.rows_in <> coalesce(counted.row_count, 0)
