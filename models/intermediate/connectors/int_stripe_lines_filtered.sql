{# What a line says, with the price it names beside: whether the two agree is asked
   behind this. #}
with

lines as (

    select * from {{ ref('stg_stripe__invoice_lines') }}

),

invoices as (

    select * from {{ ref('stg_stripe__invoices') }}

),

owners as (

    select * from {{ ref('int_stripe_item_owners_found') }}

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

-- A period of whole months, or of so many days.
measured as (

    select
        *,
        cast(period_started_at as date) as started_on,
        cast(period_ends_at as date) as ends_on,
        {{ month_index('period_ends_at') }} - {{ month_index('period_started_at') }}
            as months_crossed,
        extract(day from period_started_at) as start_day,
        extract(day from period_ends_at) as end_day,
        -- A graduated price writes a line a tier: together they are the quantity.
        case
            when coalesce(is_proration, false) then quantity
            else sum(quantity) over (
                partition by
                    invoice_id, item_id, price_id, period_started_at, is_proration
            )
        end as quantity_billed,
        -- Where the sign does not tell: what is given back was charged before, until
        -- the same end, and what is new stands beside what is given back.
        coalesce(is_proration, false)
        and (
            amount < 0
            or amount = 0
            and min(period_started_at) over (
                partition by item_id, price_id, quantity, period_ends_at
            ) < period_started_at
            and min(amount) over (partition by item_id, period_started_at) >= 0
        ) as is_credit
    from lines
    where item_id is not null

),

periods as (

    select
        *,
        {{ dbt.datediff(
            'started_on', 'ends_on', 'day'
        ) }} as billed_days,
        case
            when
                months_crossed > 0
                and (
                    start_day = end_day
                    or ends_on = last_day(ends_on) and start_day > end_day
                    or started_on = last_day(started_on) and start_day < end_day
                )
                then months_crossed
        end as billed_months
    from measured

),

told as (

    select
        periods.invoice_id,
        periods.line_id,
        owners.subscription_id,
        periods.item_id,
        periods.price_id,
        periods.period_started_at,
        periods.period_ends_at,
        periods.quantity_billed as quantity,
        {{ packages(
            'coalesce(periods.quantity, 1)',
            'prices.package_size',
            'prices.package_rounding'
        ) }} as quantity_priced,
        cast(billing_intervals.periods_per_year as double)
        / nullif(12 * prices.interval_count, 0) as told_periods_per_month,
        case
            when periods.billed_months > 0
                then cast(1 as double) / periods.billed_months
            else cast(365 as double) / nullif(12 * periods.billed_days, 0)
        end as billed_periods_per_month,
        case
            when periods.billed_months > 0 then 'month'
            when periods.billed_days > 0 then 'day'
        end as billed_interval,
        cast(coalesce(periods.billed_months, periods.billed_days) as bigint)
            as billed_interval_count,
        prices.unit_amount,
        prices.currency as price_currency,
        prices.billing_interval,
        prices.interval_count,
        periods.amount,
        periods.currency,
        periods.is_proration,
        periods.is_credit,
        coalesce(prices.usage_type = 'metered', false) as is_metered,
        coalesce(invoices.status = 'void', false) as is_void,
        coalesce(
            invoices.amount_paid > 0 or invoices.status = 'paid' and invoices.total > 0,
            false
        ) as is_paid,
        periods.source_file,
        periods.source_line
    from periods
    inner join owners
        on periods.item_id = owners.item_id
    left join prices
        on periods.price_id = prices.price_id
    left join billing_intervals
        on prices.billing_interval = billing_intervals.billing_interval
    left join invoices
        on periods.invoice_id = invoices.invoice_id
    cross join clock
    where
        owners.subscription_id is not null
        and coalesce(prices.price_type, 'recurring') = 'recurring'
        and not coalesce(invoices.is_deleted, false)
        and coalesce(invoices.created_at, periods.period_started_at) <= clock.as_of_at

),

-- The days billed are the interval where the price tells none, or quite another one.
asked as (

    select
        *,
        billed_periods_per_month is null
        or coalesce(
            billed_periods_per_month
            between told_periods_per_month / 2 and told_periods_per_month * 2,
            false
        ) as is_interval_told
    from told

),

filtered as (

    select
        *,
        case
            when is_interval_told then told_periods_per_month
            else billed_periods_per_month
        end as periods_per_month
    from asked

)

select * from filtered
