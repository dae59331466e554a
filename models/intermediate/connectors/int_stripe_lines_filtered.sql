with

lines as (

    select * from {{ ref('stg_stripe__invoice_lines') }}

),

invoices as (

    select * from {{ ref('stg_stripe__invoices') }}

),

prices as (

    select * from {{ ref('int_stripe_prices_unioned') }}

),

billing_intervals as (

    select * from {{ ref('billing_intervals') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

filtered as (

    select
        lines.invoice_id,
        lines.line_id,
        lines.subscription_id,
        lines.item_id,
        lines.price_id,
        lines.period_started_at,
        lines.period_ends_at,
        lines.quantity,
        case
            when prices.package_size > 1 and prices.package_rounding = 'down'
                then floor(
                    coalesce(lines.quantity, 1) / nullif(prices.package_size, 0)
                )
            when prices.package_size > 1
                then ceil(coalesce(lines.quantity, 1) / nullif(prices.package_size, 0))
            else coalesce(lines.quantity, 1)
        end as quantity_priced,
        cast(billing_intervals.periods_per_year as double)
        / nullif(12 * prices.interval_count, 0) as told_periods_per_month,
        cast(365 as double) / nullif(12 * {{ dbt.datediff(
            'lines.period_started_at', 'lines.period_ends_at', 'day'
        ) }}, 0) as billed_periods_per_month,
        lines.amount,
        lines.currency,
        lines.is_proration,
        coalesce(prices.usage_type = 'metered', false) as is_metered,
        coalesce(invoices.status = 'void', false) as is_void,
        lines.source_file,
        lines.source_line
    from lines
    left join prices
        on lines.price_id = prices.price_id
    left join billing_intervals
        on prices.billing_interval = billing_intervals.billing_interval
    left join invoices
        on lines.invoice_id = invoices.invoice_id
    cross join clock
    where
        lines.item_id is not null
        and coalesce(prices.price_type, 'recurring') = 'recurring'
        and not coalesce(invoices.is_deleted, false)
        and coalesce(invoices.created_at, lines.period_started_at) <= clock.as_of_at

)

select * from filtered
