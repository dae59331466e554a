{# A version holds until the next begins, and the first one since ever. #}
with

accounts as (

    select * from {{ ref('int_accounts_conformed') }}

),

history as (

    select * from {{ ref('int_account_history_checked') }}

),

survivors as (

    select * from {{ ref('int_accounts_merged') }}

),

history_known as (

    select *
    from history
    where
        quarantine_rule is null
        and not is_empty_interval
        and not is_not_yet_known

),

versions as (

    select
        accounts.account_id,
        history_known.account_id is not null as has_history,
        history_known.valid_from,
        case
            when history_known.account_id is null then accounts.parent_account_id
            else nullif(
                coalesce(
                    survivors.surviving_account_id, history_known.parent_account_id
                ),
                accounts.account_id
            )
        end as parent_account_id,
        case
            when history_known.account_id is null then accounts.owner_id
            else history_known.owner_id
        end as owner_id,
        case
            when history_known.account_id is null then accounts.desired_outcome
            else coalesce(history_known.desired_outcome, 'unknown')
        end as desired_outcome,
        coalesce(
            case
                when history_known.account_id is null then accounts.is_strategic
                else history_known.is_strategic
            end,
            false
        ) as is_strategic,
        case
            when history_known.account_id is null then accounts.growth_potential
            else history_known.growth_potential
        end as growth_potential,
        case
            when history_known.account_id is null then accounts.country
            else coalesce(history_known.country, accounts.country)
        end as country,
        case
            when history_known.account_id is null then accounts.segment
            else coalesce(history_known.segment, accounts.segment)
        end as segment,
        coalesce(history_known.source_system, accounts.source_system) as source_system,
        coalesce(history_known.source_file, accounts.source_file) as source_file,
        coalesce(history_known.source_line, accounts.source_line) as source_line
    from accounts
    left join history_known
        on accounts.account_id = history_known.account_id
    left join survivors
        on history_known.parent_account_id = survivors.account_id

),

ordered as (

    select
        *,
        row_number() over (
            partition by account_id
            order by valid_from
        ) as version_number,
        lead(valid_from) over (
            partition by account_id
            order by valid_from
        ) as valid_to
    from versions

),

conformed as (

    select
        account_id,
        case
            when version_number = 1 then {{ the_beginning() }}
            else valid_from
        end as valid_from,
        valid_to,
        parent_account_id,
        owner_id,
        desired_outcome,
        is_strategic,
        growth_potential,
        country,
        segment,
        source_system,
        source_file,
        source_line,
        has_history
    from ordered

)

select * from conformed
