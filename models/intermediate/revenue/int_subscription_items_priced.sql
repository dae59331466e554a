{# The one place where MRR is rounded: whole millionths, half up, multiplied first. #}
with

items as (

    select * from {{ ref('int_subscription_items_phased') }}

),

billing_intervals as (

    select * from {{ ref('billing_intervals') }}

),

counted as (

    select
        items.*,
        billing_intervals.periods_per_year,
        {{ whole_parts('items.unit_amount', 6) }} as unit_millionths,
        {{ whole_parts('items.quantity', 2) }} as quantity_hundredths,
        {{ whole_parts('100 - items.discount_percent', 4) }} as kept_share,
        {{ whole_parts('items.discount_amount', 6) }} as off_millionths
    from items
    inner join billing_intervals
        on items.billing_interval = billing_intervals.billing_interval

),

per_interval as (

    select
        *,
        unit_millionths * quantity_hundredths * 1000000 as gross_parts,
        greatest(
            unit_millionths * quantity_hundredths * kept_share
            - off_millionths * 100000000,
            0
        ) as net_parts,
        cast(12 * interval_count as decimal(38, 0)) * 100000000 as parts_per_millionth
    from counted

),

per_month as (

    select
        *,
        {{ integer_divide(
            '2 * gross_parts * periods_per_year + parts_per_millionth',
            '2 * parts_per_millionth'
        ) }} as gross_millionths,
        {{ integer_divide(
            '2 * net_parts * periods_per_year + parts_per_millionth',
            '2 * parts_per_millionth'
        ) }} as net_millionths,
        status in ('active', 'past_due') as is_counted,
        not is_usage_based
        or {{ var('count_usage_as_mrr') | lower }} as is_recurring
    from per_interval

),

priced as (

    select
        account_id,
        subscription_id,
        item_id,
        product,
        plan,
        currency,
        valid_from,
        valid_to,
        status,
        notice_on,
        contract_end_on,
        notice_period_days,
        quantity,
        cast(unit_amount * periods_per_year as double)
        / (12 * interval_count) as unit_mrr,
        concat_ws(
            '|', cast(discount_percent as string), cast(discount_amount as string)
        ) as discount_terms,
        case
            when is_counted and is_recurring
                then {{ money('gross_millionths * 0.000001') }}
            else {{ money('0') }}
        end as gross_mrr,
        case
            when is_counted and is_recurring
                then {{ money('net_millionths * 0.000001') }}
            else {{ money('0') }}
        end as mrr,
        case
            when is_counted and is_usage_based
                then {{ money('net_millionths * 0.000001') }}
            else {{ money('0') }}
        end as usage_mrr,
        is_counted and is_recurring and net_millionths > 0 as is_paying,
        status = 'paused'
        and is_recurring
        and net_millionths > 0 as is_paused
    from per_month

)

select * from priced
