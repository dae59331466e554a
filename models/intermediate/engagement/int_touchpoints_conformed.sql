{# Our own activity: public formulas count it, our score never does. #}
with

checked as (

    select * from {{ ref('int_touchpoints_checked') }}

),

conformed as (

    select
        source_system,
        touchpoint_id,
        account_id,
        touched_on,
        known_on
    from checked
    where
        quarantine_rule is null
        and not is_not_yet_known

)

select * from conformed
