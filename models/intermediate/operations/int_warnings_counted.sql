{# Facts that are used as they are, but that somebody should know. #}
with

accounts as (

    select * from {{ ref('int_accounts_conformed') }}

),

contacts as (

    select * from {{ ref('int_contacts_conformed') }}

),

warned_rows as (

    select * from {{ ref('int_rows_warned') }}

),

blanked_values as (

    select * from {{ ref('stg_run__blanked_values') }}

),

milestones as (

    select * from {{ ref('milestones') }}

),

loads as (

    select * from {{ ref('stg_run__loads') }}

),

outcomes_measured as (

    select desired_outcome
    from milestones
    group by desired_outcome

),

warned as (

    select
        accounts.source_system,
        'accounts' as entity,
        'account is derived from revenue: not landed' as rule,
        1 as row_count
    from accounts
    where accounts.is_derived

    union all

    select
        source_system,
        'accounts' as entity,
        'account is only named, as a parent or survivor' as rule,
        1 as row_count
    from accounts
    where is_placeholder

    union all

    select
        accounts.source_system,
        'accounts' as entity,
        'desired outcome is unknown' as rule,
        1 as row_count
    from accounts
    where accounts.desired_outcome = 'unknown'

    union all

    select
        accounts.source_system,
        'accounts' as entity,
        'desired outcome has no milestone: no time to value' as rule,
        1 as row_count
    from accounts
    left join outcomes_measured
        on accounts.desired_outcome = outcomes_measured.desired_outcome
    where
        accounts.desired_outcome <> 'unknown'
        and outcomes_measured.desired_outcome is null

    union all

    select
        source_system,
        'contacts' as entity,
        'contact role is no persona of the seed personas' as rule,
        1 as row_count
    from contacts
    where
        role is not null
        and persona is null

    union all

    select
        source_system,
        entity,
        rule,
        1 as row_count
    from warned_rows

    union all

    select
        source_system,
        entity,
        rule,
        1 as row_count
    from blanked_values

    union all

    select
        source_system,
        entity,
        'rows are gone since the last run' as rule,
        rows_disappeared as row_count
    from loads
    where rows_disappeared > 0

    union all

    select
        source_system,
        entity,
        'keys that only say none (NULL, nan, N/A ...) are read as missing' as rule,
        keys_without_words as row_count
    from loads
    where keys_without_words > 0

    union all

    select
        source_system,
        entity,
        'keys with blanks around them or unseen marks in them are trimmed' as rule,
        keys_trimmed as row_count
    from loads
    where keys_trimmed > 0

    union all

    select
        source_system,
        entity,
        'keys with a needless .0 or exponent are read as whole numbers' as rule,
        keys_made_whole as row_count
    from loads
    where keys_made_whole > 0

    union all

    select
        source_system,
        entity,
        'values that only say none (NULL, nan, N/A ...) are read as missing' as rule,
        values_without_words as row_count
    from loads
    where values_without_words > 0

    union all

    select
        'stripe' as source_system,
        'invoice_line_item' as entity,
        'no line of a bill was landed: the bills cannot be asked' as rule,
        max(rows_landed) as row_count
    from loads
    where entity in ('subscription_history', 'invoice_line_item')
    having
        max(rows_landed) > 0
        and max(case when entity = 'invoice_line_item' then rows_landed else 0 end) = 0

),

counted as (

    select
        source_system,
        entity,
        'warning' as disposition,
        rule,
        cast(sum(row_count) as bigint) as row_count
    from warned
    group by source_system, entity, rule

)

select * from counted
