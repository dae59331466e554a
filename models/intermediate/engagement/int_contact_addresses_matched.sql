{# An address or id that points at two accounts decides nothing: better unmatched. #}
with

contacts as (

    select * from {{ ref('int_contacts_conformed') }}

),

precedences as (

    select * from {{ ref('source_precedence') }}

),

-- A source that nobody ranked comes first, so that the test on it goes red.
ranked as (

    select
        contacts.contact_id,
        contacts.account_id,
        contacts.email,
        concat_ws(':', contacts.source_system, contacts.contact_id) as contact_key,
        concat_ws(
            ':', lpad(cast(coalesce(precedences.precedence, 0) as string), 4, '0'),
            contacts.source_system, contacts.contact_id
        ) as contact_rank
    from contacts
    left join precedences
        on
            contacts.source_system = precedences.source_system
            and precedences.entity = 'contacts'

),

addresses as (

    select
        email as address,
        account_id,
        contact_key,
        contact_rank
    from ranked
    where email is not null

    union all

    select
        lower(contact_id) as address,
        account_id,
        contact_key,
        contact_rank
    from ranked

),

matched as (

    select
        address,
        min(account_id) as account_id,
        min_by(contact_key, contact_rank) as contact_key
    from addresses
    group by address
    having count(distinct account_id) = 1

)

select * from matched
