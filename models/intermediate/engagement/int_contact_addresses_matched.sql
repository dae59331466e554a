{# An address or id that points at two accounts decides nothing: better unmatched. #}
with

contacts as (

    select * from {{ ref('int_contacts_conformed') }}

),

addresses as (

    select
        email as address,
        account_id,
        concat_ws(':', source_system, contact_id) as contact_key
    from contacts
    where email is not null

    union all

    select
        lower(contact_id) as address,
        account_id,
        concat_ws(':', source_system, contact_id) as contact_key
    from contacts

),

matched as (

    select
        address,
        min(account_id) as account_id,
        min(contact_key) as contact_key
    from addresses
    group by address
    having count(distinct account_id) = 1

)

select * from matched
