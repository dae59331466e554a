with

warned as (

    select * from {{ ref('int_rows_warned') }}

),

contracted as (

    select
        cast(source_system as string) as source_system,
        cast(entity as string) as entity,
        cast(source_file as string) as source_file,
        cast(source_line as bigint) as source_line,
        cast(rule as string) as rule,
        cast(row_key as string) as row_key
    from warned

)

select * from contracted
