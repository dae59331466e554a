{# Asked of rough amounts, before any product or sum could leave the type of money. #}
with

items as (

    select * from {{ ref('int_subscription_items_unioned') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

billing_intervals as (

    select * from {{ ref('billing_intervals') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

rate_ranges as (

    select
        currency,
        cast(min(rate) as double) as lowest_rate,
        cast(max(rate) as double) as highest_rate
    from rates
    group by currency

),

amounts as (

    select
        items.source_system,
        items.account_id,
        items.item_id,
        items.valid_from,
        rate_ranges.currency,
        rate_ranges.lowest_rate,
        rate_ranges.highest_rate,
        cast(items.unit_amount as double)
        * cast(coalesce(items.quantity, 0) as double)
        * cast(billing_intervals.periods_per_year as double)
        / (12 * items.interval_count) as mrr,
        (
            cast(items.unit_amount as double)
            * cast(coalesce(items.quantity, 0) as double)
            * (1 - cast(items.discount_percent as double) / 100)
            - cast(items.discount_amount as double)
        )
        * cast(billing_intervals.periods_per_year as double)
        / (12 * items.interval_count) as net_mrr
    from items
    cross join clock
    inner join billing_intervals
        on items.billing_interval = billing_intervals.billing_interval
    inner join rate_ranges
        on coalesce(items.currency, clock.reporting_currency) = rate_ranges.currency
    where items.interval_count > 0

),

-- Natively, and at the highest rate that any day may convert at.
scoped as (

    select
        source_system,
        account_id,
        item_id,
        valid_from,
        currency as scope,
        mrr,
        cast(ceil(log2(greatest(mrr, 1))) as int) as magnitude,
        lowest_rate < 1
        and (
            mrr > 0 and mrr * lowest_rate < 0.000001
            or net_mrr > 0 and net_mrr * lowest_rate < 0.000001
        ) as is_too_little
    from amounts

    union all

    select
        source_system,
        account_id,
        item_id,
        valid_from,
        'converted' as scope,
        mrr * highest_rate as mrr,
        cast(ceil(log2(greatest(mrr * highest_rate, 1))) as int) as magnitude,
        false as is_too_little
    from amounts

),

-- Of the versions of an item one counts, the largest: they follow one another.
largest as (

    select
        *,
        case
            when
                row_number() over (
                    partition by scope, source_system, account_id, item_id
                    order by mrr desc, valid_from asc
                ) = 1
                then mrr
            else 0
        end as counted_mrr
    from scoped

),

-- The small ones first, so that a slip is kept out and not the book around it.
filled as (

    select
        scope,
        magnitude,
        sum(sum(counted_mrr)) over (
            partition by scope
            order by magnitude
            rows between unbounded preceding and current row
        ) > {{ var('most_mrr_of_a_book') }} as is_too_much
    from largest
    group by scope, magnitude

),

sized as (

    select
        scoped.source_system,
        scoped.account_id,
        scoped.item_id,
        scoped.valid_from,
        min(
            case
                when filled.is_too_much
                    then 'too much money: with it the book holds more than {{
                        "{:,}".format(var("most_mrr_of_a_book")) }} a month'
                else 'too little money: at the lowest rate it is nothing'
            end
        ) as quarantine_rule
    from scoped
    inner join filled
        on
            scoped.scope = filled.scope
            and scoped.magnitude = filled.magnitude
    where filled.is_too_much or scoped.is_too_little
    group by
        scoped.source_system, scoped.account_id, scoped.item_id, scoped.valid_from

)

select * from sized
