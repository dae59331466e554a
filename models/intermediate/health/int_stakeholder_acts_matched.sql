{# Only what contacts did themselves: our emails, calls and meetings are not that. #}
with

addresses as (

    select * from {{ ref('int_contact_addresses_matched') }}

),

contacts as (

    select * from {{ ref('int_contacts_conformed') }}

),

responses as (

    select * from {{ ref('int_survey_responses_conformed') }}

),

zendesk_acts as (

    select * from {{ ref('int_zendesk_acts_shaped') }}

),

uses as (

    select * from {{ ref('int_feature_uses_classified') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

acts as (

    select
        account_id,
        lower(contact_id) as address,
        cast(responded_at as date) as acted_on,
        cast(responded_at as date) as known_on
    from responses
    where
        contact_id is not null
        -- Who leaves says why; that is no sign of a relationship.
        and kind <> 'exit'

    union all

    select
        cast(null as string) as account_id,
        email as address,
        acted_on,
        acted_on as known_on
    from zendesk_acts

    union all

    select
        account_id,
        lower(user_id) as address,
        occurred_on as acted_on,
        known_on
    from uses
    where
        is_use
        and user_id is not null

),

matched as (

    select
        addresses.account_id,
        addresses.contact_key,
        contacts.persona,
        acts.acted_on,
        greatest(acts.known_on, coalesce(contacts.joined_on, acts.known_on))
            as known_on,
        coalesce(contacts.left_on, {{ far_future() }}) as left_on
    from acts
    inner join addresses
        on
            acts.address = addresses.address
            and coalesce(acts.account_id, addresses.account_id) = addresses.account_id
    inner join contacts
        on
            addresses.contact_key
            = concat_ws(':', contacts.source_system, contacts.contact_id)
    inner join clock
        on acts.known_on <= clock.as_of_on

)

select * from matched
where known_on < left_on
