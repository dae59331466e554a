with

warned as (

    select * from {{ ref('int_rows_warned') }}

),

blanked_values as (

    select * from {{ ref('stg_run__blanked_values') }}

),

told as (

    select
        source_system,
        entity,
        source_file,
        source_line,
        rule,
        cast(null as string) as column_name,
        cast(null as string) as column_value,
        row_key
    from warned

    union all

    select
        source_system,
        entity,
        source_file,
        source_line,
        rule,
        column_name,
        column_value,
        row_key
    from blanked_values

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
    from told

)

select * from contracted
