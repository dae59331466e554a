{# Narrow on purpose: the windows run over keys and days, never over whole rows. #}
with

items as (

    select * from {{ ref('int_subscription_items_unioned') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

intervals as (

    select
        items.source_system,
        items.item_id,
        items.valid_from,
        coalesce(items.valid_to, {{ far_future() }}) as ends_on,
        coalesce(items.currency, clock.reporting_currency) as currency,
        items.notice_on
    from items
    cross join clock
    where items.valid_to is null or items.valid_to > items.valid_from

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

odd_items as (

    select
        source_system,
        item_id,
        min(currency) <> max(currency) as has_several_currencies,
        coalesce(max(notice_on) > max(ends_on), false) as is_noticed_late
    from intervals
    group by source_system, item_id
    having min(currency) <> max(currency) or max(notice_on) > max(ends_on)

),

contradictions as (

    select
        source_system,
        item_id,
        valid_from,
        'versions of one item overlap' as overlap_rule,
        cast(null as string) as currency_rule,
        cast(null as string) as warning_rule
    from neighbours
    where earlier_ends_on > valid_from or later_valid_from < ends_on

    union all

    select
        intervals.source_system,
        intervals.item_id,
        intervals.valid_from,
        cast(null as string) as overlap_rule,
        case
            when odd_items.has_several_currencies
                then 'versions of one item are in different currencies'
        end as currency_rule,
        case
            when odd_items.is_noticed_late and intervals.notice_on is not null
                then 'notice was given after the service ended'
        end as warning_rule
    from intervals
    inner join odd_items
        on
            intervals.source_system = odd_items.source_system
            and intervals.item_id = odd_items.item_id

),

compared as (

    select
        source_system,
        item_id,
        valid_from,
        coalesce(max(currency_rule), max(overlap_rule)) as quarantine_rule,
        max(warning_rule) as warning_rule
    from contradictions
    group by source_system, item_id, valid_from

)

select * from compared
