-- A returned row is a warning about landed rows whose count is not that of its rows.
with

warned_rows as (

    select
        source_system,
        entity,
        rule,
        count(*) as row_count
    from {{ ref('fct_warned_rows') }}
    group by source_system, entity, rule

),

counted as (

    select * from {{ ref('fct_data_quality') }}
    where stage = 'warning'

)

select
    warned_rows.source_system,
    warned_rows.entity,
    warned_rows.rule,
    warned_rows.row_count,
    counted.row_count as counted_row_count
from warned_rows
left join counted
    on
        warned_rows.source_system = counted.source_system
        and warned_rows.entity = counted.entity
        and warned_rows.rule = counted.rule
where warned_rows.row_count <> coalesce(counted.row_count, 0)
