{# Nothing is joined by what stands here: it is only told. #}
with

all_accounts as (

    select * from {{ ref('int_accounts_conformed') }}

),

landed_accounts as (

    select * from {{ ref('int_accounts_checked') }}

),

items as (

    select * from {{ ref('int_subscription_items_checked') }}

),

source_keys as (

    select * from {{ ref('int_source_account_keys_unioned') }}

),

-- A survivor is what a merged account names, else its parent.
namings as (

    select
        landed_accounts.source_system,
        landed_accounts.source_file,
        landed_accounts.source_line,
        concat_ws('|', landed_accounts.account_id, placeholders.account_id) as row_key,
        count(*) over (partition by placeholders.account_id) as naming_count
    from landed_accounts
    inner join all_accounts as placeholders
        on
            placeholders.account_id = case
                when landed_accounts.surviving_account_id = landed_accounts.account_id
                    then landed_accounts.parent_account_id
                else landed_accounts.surviving_account_id
            end
    where placeholders.is_placeholder or placeholders.is_derived

),

-- The row that names an account which nobody landed.
named_by_items as (

    select
        account_id,
        min_by(source_file, row_key) as source_file,
        min_by(source_line, row_key) as source_line
    from items
    where is_account_missing
    group by account_id

),

-- What a customer of a connector says that its account is, and no account is.
named_by_sources as (

    select
        source_keys.source_system,
        source_keys.key_value as account_id
    from source_keys
    left join all_accounts
        on source_keys.key_value = all_accounts.account_id
    where
        source_keys.key_kind = 'account_id'
        and all_accounts.account_id is null
    group by source_keys.source_system, source_keys.key_value

),

ids as (

    select
        all_accounts.account_id,
        all_accounts.source_system,
        coalesce(all_accounts.source_file, named_by_items.source_file) as source_file,
        coalesce(all_accounts.source_line, named_by_items.source_line) as source_line,
        all_accounts.is_derived or all_accounts.is_placeholder as is_only_named
    from all_accounts
    left join named_by_items
        on all_accounts.account_id = named_by_items.account_id

    union all

    select
        account_id,
        source_system,
        cast(null as string) as source_file,
        cast(null as bigint) as source_line,
        true as is_only_named
    from named_by_sources

),

-- What an id looks like without case and leading zeros; of 18 characters also the 15
-- that Salesforce shows people.
looks as (

    select
        account_id,
        source_system,
        source_file,
        source_line,
        is_only_named,
        lower(regexp_replace(account_id, '^0+', '')) as look,
        false as is_short
    from ids

    union all

    select
        account_id,
        source_system,
        source_file,
        source_line,
        is_only_named,
        lower(regexp_replace(substr(account_id, 1, 15), '^0+', '')) as look,
        true as is_short
    from ids
    where length(account_id) = 18

),

-- Of two of a kind the later id is told; who is only named before who was landed.
near_keys as (

    select
        looks.source_system,
        looks.source_file,
        looks.source_line,
        concat_ws('|', looks.account_id, rivals.account_id) as row_key
    from looks
    inner join looks as rivals
        on
            looks.look = rivals.look
            and looks.account_id <> rivals.account_id
    where
        (
            (looks.is_only_named and not rivals.is_only_named)
            or (
                looks.is_only_named = rivals.is_only_named
                and looks.account_id > rivals.account_id
            )
        )
        and (
            (
                not looks.is_short
                and not rivals.is_short
                -- Of Salesforce's 15 characters two ids may differ by case alone.
                and not (
                    looks.account_id like '001%'
                    and length(looks.account_id) = 15
                    and length(rivals.account_id) = 15
                )
            )
            or (looks.is_short and substr(looks.account_id, 1, 15) = rivals.account_id)
            or (rivals.is_short and substr(rivals.account_id, 1, 15) = looks.account_id)
        )
    group by
        looks.source_system,
        looks.source_file,
        looks.source_line,
        looks.account_id,
        rivals.account_id

),

warned as (

    select
        source_system,
        source_file,
        source_line,
        'many accounts name one parent or survivor that nobody landed: a placeholder?'
            as rule,
        row_key
    from namings
    where naming_count > {{ var('shared_placeholder_accounts') }}

    union all

    select
        source_system,
        source_file,
        source_line,
        'two account ids differ by case, leading zeros or 15 to 18 characters alone'
            as rule,
        row_key
    from near_keys

)

select * from warned
