{# What does the usual method cost? One row per customer and month, then windows. #}
with

items as (

    select * from {{ source('files', 'subscription_items') }}

),

billing_intervals as (

    select * from {{ ref('billing_intervals') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

months as (

    select
        dates.calendar_month,
        dates.month_ends_on,
        rates.currency,
        cast(rates.rate as double) as rate
    from dates
    inner join clock
        on dates.month_ends_on <= clock.as_of_on
    inner join rates
        on
            dates.month_ends_on >= rates.valid_from
            and dates.month_ends_on < coalesce(rates.valid_to, {{ far_future() }})
    where dates.is_month_end

),

priced as (

    select
        items.account_id,
        items.currency,
        items.valid_from,
        coalesce(items.valid_to, {{ far_future() }}) as valid_to,
        coalesce(items.discount_to, {{ far_future() }}) as discount_to,
        {{ money('''
            items.unit_amount * items.quantity * billing_intervals.periods_per_year
            / (12 * items.interval_count)
        ''') }} as gross_mrr,
        {{ money('''
            items.unit_amount * items.quantity * billing_intervals.periods_per_year
            * (100 - items.discount_percent) / (1200 * items.interval_count)
        ''') }} as net_mrr
    from items
    inner join billing_intervals
        on items.billing_interval = billing_intervals.billing_interval
    where items.status in ('active', 'past_due')

),

customer_months as (

    select
        priced.account_id,
        months.calendar_month,
        {{ money('''sum(
            case
                when months.month_ends_on < priced.discount_to then priced.net_mrr
                else priced.gross_mrr
            end * months.rate
        )''') }} as mrr
    from priced
    inner join months
        on
            priced.currency = months.currency
            and priced.valid_from <= months.month_ends_on
            and priced.valid_to > months.month_ends_on
    group by priced.account_id, months.calendar_month

),

customers as (

    select
        account_id,
        min(calendar_month) as first_month,
        max(calendar_month) as last_month
    from customer_months
    group by account_id

),

calendar as (

    select calendar_month
    from months
    group by calendar_month

),

spine as (

    select
        customers.account_id,
        calendar.calendar_month
    from customers
    inner join calendar
        on
            customers.first_month <= calendar.calendar_month
            and customers.last_month + interval 1 month >= calendar.calendar_month

),

filled as (

    select
        spine.account_id,
        spine.calendar_month,
        coalesce(customer_months.mrr, 0) as mrr
    from spine
    left join customer_months
        on
            spine.account_id = customer_months.account_id
            and spine.calendar_month = customer_months.calendar_month

),

compared as (

    select
        account_id,
        calendar_month,
        mrr,
        lag(mrr) over account_months as last_mrr
    from filled
    window account_months as (
        partition by account_id
        order by calendar_month
    )

),

changes as (

    select
        account_id,
        calendar_month as mrr_month,
        case
            when last_mrr is null then 'new'
            when last_mrr = 0 then 'reactivation'
            when mrr = 0 then 'churn'
            when mrr > last_mrr then 'expansion'
            else 'contraction'
        end as movement,
        {{ money('mrr - coalesce(last_mrr, 0)') }} as mrr_delta
    from compared
    where mrr <> coalesce(last_mrr, 0)

)

select * from changes
