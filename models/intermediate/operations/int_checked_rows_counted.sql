{# What became of every landed row of an entity that models check, counted. #}
with

checked as (

    select * from {{ ref('int_checked_rows_unioned') }}

),

judged as (

    select
        source_system,
        entity,
        case
            when quarantine_rule is not null then 'quarantined'
            when is_ignored then 'ignored'
            when is_superseded then 'superseded'
            when is_not_yet_known then 'not_yet_known'
            else 'used'
        end as disposition,
        case
            when quarantine_rule is not null then quarantine_rule
            when is_ignored then 'empty interval'
            when is_superseded then 'a later amendment covers it'
            when is_not_yet_known then 'after the run''s day'
            when is_one_off then 'billed once: no MRR'
            else 'none'
        end as rule
    from checked

),

counted as (

    select
        source_system,
        entity,
        disposition,
        rule,
        count(*) as row_count
    from judged
    group by source_system, entity, disposition, rule

)

select * from counted
