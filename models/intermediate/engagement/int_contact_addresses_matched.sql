{# An address or id that points at two accounts decides nothing: better unmatched. #}
with

contact_versions as (

    select * from {{ ref('int_contact_versions_dated') }}

),

precedences as (

    select * from {{ ref('source_precedence') }}

),

-- A source that nobody ranked comes first, so that the test on it goes red. Of who
-- moved the newest account says whether an address is of one account.
ranked as (

    select
        contact_versions.contact_id,
        max_by(contact_versions.account_id, contact_versions.capture_number) over (
            partition by contact_versions.source_system, contact_versions.contact_id
        ) as account_id,
        contact_versions.email,
        concat_ws(':', contact_versions.source_system, contact_versions.contact_id)
            as contact_key,
        concat_ws(
            ':', lpad(cast(coalesce(precedences.precedence, 0) as string), 4, '0'),
            contact_versions.source_system, contact_versions.contact_id
        ) as contact_rank
    from contact_versions
    left join precedences
        on
            contact_versions.source_system = precedences.source_system
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
