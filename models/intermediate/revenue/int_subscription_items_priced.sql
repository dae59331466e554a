{# The one place where MRR is rounded: whole millionths, half up, multiplied first. #}
with

items as (

    select * from {{ ref('int_subscription_items_phased') }}

),

billing_intervals as (

    select * from {{ ref('billing_intervals') }}

),

-- An end is told by the version that was first to carry it.
ends_told as (

    select
        account_id,
        coalesce(subscription_id, item_id) as line_id,
        product,
        contract_end_on,
        min(valid_from) as told_from
    from items
    group by
        account_id,
        coalesce(subscription_id, item_id),
        product,
        contract_end_on

),

ends_followed as (

    select
        *,
        max(contract_end_on) over (
            partition by account_id, line_id, product
            order by told_from, contract_end_on
            rows between unbounded preceding and 1 preceding
        ) as former_end_on
    from ends_told

),

-- Below ten millions a bill is a bigint of hundredths of millionths, times 2 x 365.
counted as (

    select
        items.*,
        billing_intervals.periods_per_year,
        cast(items.unit_amount as double) * cast(items.quantity as double)
        < 10000000 as is_small,
        items.discount_percent > 0 or items.discount_amount > 0 as has_discount,
        ends_followed.former_end_on,
        cast(
            least(
                greatest(
                    floor(
                        12.0 * items.interval_count / billing_intervals.periods_per_year
                    ),
                    1
                ),
                1200
            ) as integer
        ) as term_months
    from items
    inner join billing_intervals
        on items.billing_interval = billing_intervals.billing_interval
    left join ends_followed
        on
            items.account_id = ends_followed.account_id
            and coalesce(items.subscription_id, items.item_id) = ends_followed.line_id
            and items.product = ends_followed.product
            and items.contract_end_on = ends_followed.contract_end_on

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
        -- What is told of an end today need not have been told when the line began.
        case
            when contract_end_on is null then null
            when former_end_on < contract_end_on
                then greatest(valid_from, former_end_on)
            else greatest(valid_from, {{ months_after(
                '-term_months', 'contract_end_on'
            ) }})
        end as end_known_on,
        term_months,
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
