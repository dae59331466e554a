{# Rows that are used as they stand: no money depends on what is odd about them. #}
with

checked as (

    select * from {{ ref('int_checked_rows_unioned') }}

),

accounts_warned as (

    select * from {{ ref('int_account_keys_warned') }}

),

items_warned as (

    select * from {{ ref('int_subscription_items_warned') }}

),

stripe_rows as (

    select * from {{ ref('int_stripe_rows_warned') }}

),

conventions as (

    select * from {{ ref('int_conventions_doubted') }}

),

account_versions as (

    select * from {{ ref('int_account_versions_conformed') }}

),

parents as (

    select * from {{ ref('int_account_ultimate_parents_resolved') }}

),

in_parent_cycle as (

    select
        account_versions.source_system,
        case
            when account_versions.has_history then 'account_history' else 'accounts'
        end as entity,
        account_versions.source_file,
        account_versions.source_line,
        account_versions.account_id as row_key
    from account_versions
    inner join parents
        on
            account_versions.account_id = parents.account_id
            and account_versions.valid_from < coalesce(
                parents.valid_to, {{ far_future() }}
            )
            and coalesce(account_versions.valid_to, {{ far_future() }})
            > parents.valid_from
    where
        parents.is_parent_cycle
        and account_versions.parent_account_id is not null
    group by
        account_versions.source_system,
        account_versions.has_history,
        account_versions.source_file,
        account_versions.source_line,
        account_versions.account_id

),

warned as (

    select
        source_system,
        entity,
        source_file,
        source_line,
        warning_rule as rule,
        row_key
    from checked
    where
        warning_rule is not null
        and quarantine_rule is null
        and not is_ignored
        and not is_not_yet_known

    union all

    select
        source_system,
        entity,
        source_file,
        source_line,
        'parents form a cycle: the account is its own parent' as rule,
        row_key
    from in_parent_cycle

    union all

    select
        source_system,
        'accounts' as entity,
        source_file,
        source_line,
        rule,
        row_key
    from accounts_warned

    union all

    select
        source_system,
        entity,
        source_file,
        source_line,
        rule,
        row_key
    from conventions

    union all

    select
        source_system,
        entity,
        source_file,
        source_line,
        rule,
        row_key
    from items_warned

    union all

    select
        'stripe' as source_system,
        entity,
        source_file,
        source_line,
        rule,
        row_key
    from stripe_rows

)

select * from warned
