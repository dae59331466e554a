-- A row is a source that tells of an entity, and seeds/reference/source_precedence.csv
-- does not say whether it is believed before the other sources of it.
with

precedences as (

    select * from {{ ref('source_precedence') }}

),

told as (

    select
        'accounts' as entity,
        source_system
    from {{ ref('int_accounts_unioned') }}

    union

    select
        'account_history' as entity,
        source_system
    from {{ ref('int_account_history_unioned') }}

    union

    select
        'users' as entity,
        source_system
    from {{ ref('int_users_conformed') }}

    union

    select
        'contacts' as entity,
        source_system
    from {{ ref('int_contacts_conformed') }}

)

select
    told.entity,
    told.source_system,
    concat_ws(
        ' ', 'add', told.entity, 'of', told.source_system,
        'to seeds/reference/source_precedence.csv'
    ) as message
from told
left join precedences
    on
        told.entity = precedences.entity
        and told.source_system = precedences.source_system
where precedences.entity is null
