{# Landed rows that models keep out for how they stand beside others, of any entity. #}
with

checked as (

    select * from {{ ref('int_checked_rows_unioned') }}

),

quarantined as (

    select
        source_system,
        entity,
        source_file,
        source_line,
        quarantine_rule as rule,
        row_key
    from checked
    where quarantine_rule is not null

)

select * from quarantined
