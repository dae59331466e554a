{# Narrow on purpose: the windows run over keys and days, never over whole rows. #}
with

items as (

    select * from {{ ref('int_subscription_items_unioned') }}

),

intervals as (

    select
        source_system,
        item_id,
        valid_from,
        coalesce(valid_to, {{ far_future() }}) as ends_on,
        notice_on
    from items
    where valid_to is null or valid_to > valid_from

),

neighbours as (

    select
        source_system,
        item_id,
        valid_from,
        ends_on,
        max(ends_on) over (
            partition by source_system, item_id
            order by valid_from
            rows between unbounded preceding and 1 preceding
        ) as earlier_ends_on,
        lead(valid_from) over (
            partition by source_system, item_id
            order by valid_from
        ) as later_valid_from
    from intervals

),

noticed_late as (

    select
        source_system,
        item_id
    from intervals
    group by source_system, item_id
    having max(notice_on) > max(ends_on)

),

contradictions as (

    select
        source_system,
        item_id,
        valid_from,
        'versions of one item overlap' as quarantine_rule,
        cast(null as string) as warning_rule
    from neighbours
    where earlier_ends_on > valid_from or later_valid_from < ends_on

    union all

    select
        intervals.source_system,
        intervals.item_id,
        intervals.valid_from,
        cast(null as string) as quarantine_rule,
        'notice was given after the service ended' as warning_rule
    from intervals
    inner join noticed_late
        on
            intervals.source_system = noticed_late.source_system
            and intervals.item_id = noticed_late.item_id
    where intervals.notice_on is not null

),

compared as (

    select
        source_system,
        item_id,
        valid_from,
        max(quarantine_rule) as quarantine_rule,
        max(warning_rule) as warning_rule
    from contradictions
    group by source_system, item_id, valid_from

)

select * from compared
