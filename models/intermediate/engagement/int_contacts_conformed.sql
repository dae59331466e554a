with

checked as (

    select * from {{ ref('int_contacts_checked') }}

),

conformed as (

    select
        source_system,
        contact_id,
        account_id,
        role,
        coalesce(role = 'champion', false) as is_champion,
        joined_on,
        left_on
    from checked
    where
        quarantine_rule is null
        and not is_not_yet_known

)

select * from conformed
