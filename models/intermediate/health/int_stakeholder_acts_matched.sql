{# Only what contacts did themselves: our emails, calls and meetings are not that. #}
with

addresses as (

    select * from {{ ref('int_contact_addresses_matched') }}

),

contact_versions as (

    select * from {{ ref('int_contact_versions_dated') }}

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

contacts as (

    select
        *,
        concat_ws(':', source_system, contact_id) as contact_key,
        min(counts_from) over (
            partition by source_system, contact_id
        ) as on_file_from
    from contact_versions

),

matched as (

    select
        contacts.account_id,
        contacts.contact_key,
        contacts.persona,
        acts.acted_on,
        greatest(acts.known_on, contacts.on_file_from) as known_on,
        contacts.ends_on as left_on
    from acts
    inner join addresses
        on acts.address = addresses.address
    inner join contacts
        on
            addresses.contact_key = contacts.contact_key
            and coalesce(acts.account_id, contacts.account_id) = contacts.account_id
            and greatest(acts.known_on, contacts.on_file_from) >= contacts.counts_from
            and greatest(acts.known_on, contacts.on_file_from) < contacts.counts_to
    inner join clock
        on acts.known_on <= clock.as_of_on

)

select * from matched
where known_on < left_on
