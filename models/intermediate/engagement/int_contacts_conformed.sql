with

checked as (

    select * from {{ ref('int_contacts_checked') }}

),

personas as (

    select * from {{ ref('personas') }}

),

conformed as (

    select
        checked.source_system,
        checked.contact_id,
        checked.account_id,
        checked.email,
        checked.role,
        personas.persona,
        checked.joined_on,
        checked.left_on
    from checked
    left join personas
        on replace(checked.role, '_', ' ') = personas.role
    where
        checked.quarantine_rule is null
        and not checked.is_not_yet_known

)

select * from conformed
