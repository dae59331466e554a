{# Nothing is joined by what stands here: it is only told. #}
with

all_accounts as (

    select * from {{ ref('int_accounts_conformed') }}

),

landed_accounts as (

    select * from {{ ref('int_accounts_checked') }}

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

-- What an id looks like without case and leading zeros; of 18 characters also the 15
-- that Salesforce shows people.
looks as (

    select
        account_id,
        source_system,
        source_file,
        source_line,
        is_derived or is_placeholder as is_only_named,
        lower(regexp_replace(account_id, '^0+', '')) as look,
        false as is_short
    from all_accounts

    union all

    select
        account_id,
        source_system,
        source_file,
        source_line,
        is_derived or is_placeholder as is_only_named,
        lower(regexp_replace(substr(account_id, 1, 15), '^0+', '')) as look,
        true as is_short
    from all_accounts
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
