{# Where no version of an account states an end, each holds until the next begins. #}
with

history as (

    select * from {{ ref('int_account_history_unioned') }}

),

account_spans as (

    select
        *,
        case
            when bool_or(valid_to is not null) over (partition by account_id)
                then valid_to
            else lead(valid_from) over (
                partition by account_id
                order by valid_from
            )
        end as ends_on
    from history

),

intervals as (

    select
        account_id,
        valid_from,
        coalesce(ends_on, {{ far_future() }}) as ends_on,
        parent_account_id,
        max(coalesce(ends_on, {{ far_future() }})) over (
            partition by account_id
            order by valid_from
            rows between unbounded preceding and 1 preceding
        ) as earlier_ends_on
    from account_spans
    where ends_on is null or ends_on > valid_from

),

overlapping_accounts as (

    select account_id
    from intervals
    where earlier_ends_on > valid_from
    group by account_id

),

contested as (

    select intervals.*
    from intervals
    inner join overlapping_accounts
        on intervals.account_id = overlapping_accounts.account_id

),

contested_versions as (

    select
        contested.account_id,
        contested.valid_from,
        bool_or(
            contested.parent_account_id is distinct from neighbours.parent_account_id
        ) as has_two_parents
    from contested
    inner join contested as neighbours
        on
            contested.account_id = neighbours.account_id
            and contested.valid_from <> neighbours.valid_from
            and contested.valid_from < neighbours.ends_on
            and contested.ends_on > neighbours.valid_from
    group by contested.account_id, contested.valid_from

),

compared as (

    select
        history.account_id,
        history.valid_from,
        history.valid_to,
        history.parent_account_id,
        history.merged_into_account_id,
        history.owner_id,
        history.desired_outcome,
        history.is_strategic,
        history.growth_potential,
        history.country,
        history.segment,
        history.source_system,
        history.source_file,
        history.source_line,
        coalesce(history.valid_to = history.valid_from, false) as is_empty_interval,
        case
            when history.valid_to < history.valid_from
                then 'ends before it starts'
            when contested_versions.has_two_parents
                then 'two parents at once: versions overlap and differ in parent'
        end as quarantine_rule,
        case
            when not contested_versions.has_two_parents
                then 'versions of one account overlap: the later one holds'
        end as warning_rule
    from history
    left join contested_versions
        on
            history.account_id = contested_versions.account_id
            and history.valid_from = contested_versions.valid_from

)

select * from compared
