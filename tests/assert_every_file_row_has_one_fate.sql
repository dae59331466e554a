-- A returned row is an entity of files/ whose landed rows do not all have a fate.
with

loads as (

    select * from {{ ref('stg_run__loads') }}

),

counted as (

    select
        entity,
        sum(row_count) as row_count
    from {{ ref('fct_data_quality') }}
    where
        stage = 'model'
        and source_system = 'files'
    group by entity

)

select
    loads.entity,
    loads.rows_landed,
    counted.row_count
from loads
left join counted
    on loads.entity = counted.entity
where
    loads.source_system = 'files'
    and loads.entity in (
        'accounts', 'account_history', 'subscription_items', 'contacts', 'payments'
    )
    and loads.rows_landed <> coalesce(counted.row_count, 0)
