{# What the loader did with every row of a landed table, counted. #}
with

loads as (

    select * from {{ ref('stg_run__loads') }}

),

quarantined_rows as (

    select * from {{ ref('stg_run__quarantined_rows') }}

),

dispositions as (

    select
        source_system,
        entity,
        'landed' as disposition,
        'none' as rule,
        rows_landed - rows_recalled as row_count
    from loads

    union all

    select
        source_system,
        entity,
        'recalled' as disposition,
        'an earlier delivery had it' as rule,
        rows_recalled as row_count
    from loads

    union all

    select
        source_system,
        entity,
        'held' as disposition,
        'the delivery is not believed' as rule,
        rows_held as row_count
    from loads

    union all

    select
        source_system,
        entity,
        'repeated' as disposition,
        'identical to another row' as rule,
        rows_repeated as row_count
    from loads

    union all

    select
        source_system,
        entity,
        'superseded' as disposition,
        'a newer row has the same key' as rule,
        rows_superseded as row_count
    from loads

    union all

    select
        source_system,
        entity,
        'deleted' as disposition,
        'deleted by its source' as rule,
        rows_deleted as row_count
    from loads

    union all

    select
        source_system,
        entity,
        'quarantined' as disposition,
        rule,
        count(*) as row_count
    from quarantined_rows
    group by source_system, entity, rule

)

select * from dispositions
where row_count > 0
