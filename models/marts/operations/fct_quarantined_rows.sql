with

at_load as (

    select * from {{ ref('stg_run__quarantined_rows') }}

),

by_models as (

    select * from {{ ref('int_rows_quarantined') }}

),

quarantined as (

    select
        source_system,
        entity,
        source_file,
        source_line,
        rule,
        column_name,
        column_value,
        row_key
    from at_load

    union all

    select
        source_system,
        entity,
        source_file,
        source_line,
        rule,
        cast(null as string) as column_name,
        cast(null as string) as column_value,
        row_key
    from by_models

),

contracted as (

    select
        cast(source_system as string) as source_system,
        cast(entity as string) as entity,
        cast(source_file as string) as source_file,
        cast(source_line as bigint) as source_line,
        cast(rule as string) as rule,
        cast(column_name as string) as column_name,
        cast(column_value as string) as column_value,
        cast(row_key as string) as row_key
    from quarantined

)

select * from contracted
