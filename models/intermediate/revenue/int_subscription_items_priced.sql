{# The one place where MRR is rounded: whole millionths, half up, multiplied first. #}
with

items as (

    select * from {{ ref('int_subscription_items_phased') }}

),

billing_intervals as (

    select * from {{ ref('billing_intervals') }}

),

-- Below ten millions a bill is a bigint of hundredths of millionths, times 2 x 365.
counted as (

    select
        items.*,
        billing_intervals.periods_per_year,
        cast(items.unit_amount as double) * cast(items.quantity as double)
        < 10000000 as is_small,
        items.discount_percent > 0 or items.discount_amount > 0 as has_discount
    from items
    inner join billing_intervals
        on items.billing_interval = billing_intervals.billing_interval

),

per_month as (

    select
        *,
        case
            when is_small then {{ integer_divide(
                '2 * ' ~ small_parts('unit_amount', 6)
                ~ ' * ' ~ small_parts('quantity', 2)
                ~ ' * periods_per_year + 1200 * interval_count',
                '2400 * interval_count',
                'bigint'
            ) }}
            else {{ integer_divide(
                '2 * ' ~ whole_parts('unit_amount', 6)
                ~ ' * ' ~ whole_parts('quantity', 2)
                ~ ' * periods_per_year + 1200 * interval_count',
                '2400 * interval_count'
            ) }}
        end as gross_millionths,
        case
            when has_discount then {{ integer_divide(
                '2 * greatest('
                ~ whole_parts('unit_amount', 6) ~ ' * ' ~ whole_parts('quantity', 2)
                ~ ' * ' ~ whole_parts('100 - discount_percent', 4)
                ~ ' - ' ~ whole_parts('discount_amount', 6) ~ ' * 100000000, 0)'
                ~ ' * periods_per_year + 1200000000 * interval_count',
                '2400000000 * interval_count'
            ) }}
        end as discounted_millionths,
        status in ('active', 'past_due') as is_counted,
        not is_usage_based
        or {{ var('count_usage_as_mrr') | lower }} as is_recurring
    from counted

),

per_month_net as (

    select
        *,
        coalesce(discounted_millionths, gross_millionths) as net_millionths
    from per_month

),

priced as (

    select
        source_system,
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
        periods_per_year >= 12 * interval_count as is_billed_monthly,
        quantity,
        quantity_unit,
        cast(unit_amount * periods_per_year as double)
        / (12 * interval_count) as unit_mrr,
        case
            when has_discount
                then concat_ws(
                    '|',
                    cast(discount_percent as string),
                    cast(discount_amount as string)
                )
            else ''
        end as discount_terms,
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
        case
            when status = 'paused' and is_recurring
                then {{ money('net_millionths * 0.000001') }}
            else {{ money('0') }}
        end as paused_mrr,
        is_counted and is_recurring and net_millionths > 0 as is_paying,
        status = 'paused' and is_recurring and net_millionths > 0 as is_paused
    from per_month_net

)

select * from priced
