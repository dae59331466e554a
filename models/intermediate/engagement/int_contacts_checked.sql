with

contacts as (

    select * from {{ ref('int_contacts_unioned') }}

),

known_accounts as (

    select * from {{ ref('int_known_accounts_listed') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

checked as (

    select
        contacts.source_system,
        contacts.contact_id,
        known_accounts.account_id,
        lower(trim(contacts.email)) as email,
        lower(trim(contacts.role)) as role,
        contacts.joined_on,
        case
            when contacts.left_on <= clock.as_of_on then contacts.left_on
        end as left_on,
        contacts.contact_id as row_key,
        contacts.source_file,
        contacts.source_line,
        coalesce(contacts.joined_on > clock.as_of_on, false) as is_not_yet_known,
        case
            when known_accounts.account_id is null then 'account is unknown'
            when contacts.left_on < contacts.joined_on then 'left before it joined'
        end as quarantine_rule
    from contacts
    cross join clock
    left join known_accounts
        on contacts.account_id = known_accounts.known_account_id

)

select * from checked
