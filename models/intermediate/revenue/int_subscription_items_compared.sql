{# Narrow on purpose: the windows run over keys and days, never over whole rows. #}
with

items as (

    select * from {{ ref('int_subscription_items_unioned') }}

),

intervals as (

    select
        source_system,
        account_id,
        item_id,
        valid_from,
        coalesce(valid_to, {{ far_future() }}) as ends_on,
        coalesce(modified_at, cast({{ the_beginning() }} as timestamp)) as modified_at,
        notice_on
    from items
    where
        (valid_to is null or valid_to > valid_from)
        and coalesce(billing_interval <> 'once', true)

),

neighbours as (

    select
        *,
        max(ends_on) over (
            partition by source_system, account_id, item_id
            order by valid_from
            rows between unbounded preceding and 1 preceding
        ) as earlier_ends_on,
        lead(valid_from) over (
            partition by source_system, account_id, item_id
            order by valid_from
        ) as later_valid_from
    from intervals

),

overlapping as (

    select *
    from neighbours
    where earlier_ends_on > valid_from or later_valid_from < ends_on

),

-- Each version beside those it overlaps. An amendment says how the item goes on from
-- its first day: of a version that began before it only the days before remain, of one
-- that begins within it only the days behind.
amended as (

    select
        told.source_system,
        told.account_id,
        told.item_id,
        told.valid_from,
        bool_or(rivals.modified_at = told.modified_at) as is_contradicted,
        greatest(told.valid_from, max(
            case
                when
                    rivals.modified_at > told.modified_at
                    and rivals.valid_from < told.valid_from
                    then rivals.ends_on
                else told.valid_from
            end
        )) as used_from,
        min(
            case
                when
                    rivals.modified_at > told.modified_at
                    and rivals.valid_from > told.valid_from
                    then rivals.valid_from
                else told.ends_on
            end
        ) as used_to,
        max(
            case
                when
                    rivals.modified_at > told.modified_at
                    and rivals.valid_from > told.valid_from
                    then rivals.ends_on
            end
        ) < max(told.ends_on) as is_ended_sooner
    from overlapping as told
    inner join overlapping as rivals
        on
            told.source_system = rivals.source_system
            and told.account_id = rivals.account_id
            and told.item_id = rivals.item_id
            and told.valid_from <> rivals.valid_from
            and told.valid_from < rivals.ends_on
            and told.ends_on > rivals.valid_from
    group by told.source_system, told.account_id, told.item_id, told.valid_from

),

noticed_late as (

    select
        source_system,
        account_id,
        item_id
    from intervals
    group by source_system, account_id, item_id
    having max(notice_on) > max(ends_on)

),

found as (

    select
        source_system,
        account_id,
        item_id,
        valid_from,
        case when is_contradicted then 'versions of one item overlap' end
            as quarantine_rule,
        case
            when is_ended_sooner
                then 'told to run past the end of the amendment that cuts it'
        end as warning_rule,
        used_from,
        used_to
    from amended

    union all

    select
        intervals.source_system,
        intervals.account_id,
        intervals.item_id,
        intervals.valid_from,
        cast(null as string) as quarantine_rule,
        'notice was given after the service ended' as warning_rule,
        cast(null as date) as used_from,
        cast(null as date) as used_to
    from intervals
    inner join noticed_late
        on
            intervals.source_system = noticed_late.source_system
            and intervals.account_id = noticed_late.account_id
            and intervals.item_id = noticed_late.item_id
    where intervals.notice_on is not null

),

compared as (

    select
        source_system,
        account_id,
        item_id,
        valid_from,
        max(quarantine_rule) as quarantine_rule,
        max(warning_rule) as warning_rule,
        max(used_from) as used_from,
        max(used_to) as used_to
    from found
    group by source_system, account_id, item_id, valid_from

)

select * from compared
