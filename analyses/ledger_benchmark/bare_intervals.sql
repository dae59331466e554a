{# What is the least that interval SQL can cost? One movement per account and day. #}
with

items as (

    select * from {{ source('files', 'subscription_items') }}

),

billing_intervals as (

    select * from {{ ref('billing_intervals') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

priced as (

    select
        items.account_id,
        items.currency,
        items.valid_from,
        items.valid_to,
        items.status in ('active', 'past_due') as is_counted,
        items.discount_percent > 0
        and coalesce(items.discount_to, {{ far_future() }}) > items.valid_from
            as is_discounted,
        least(items.valid_to, items.discount_to) as discounted_to,
        round(
            items.unit_amount * items.quantity * billing_intervals.periods_per_year
            / (12 * items.interval_count),
            6
        ) as gross_mrr,
        round(
            items.unit_amount * items.quantity * billing_intervals.periods_per_year
            * (100 - items.discount_percent) / (1200 * items.interval_count),
            6
        ) as net_mrr
    from items
    inner join billing_intervals
        on items.billing_interval = billing_intervals.billing_interval

),

both_ends as (

    select
        account_id,
        currency,
        valid_from as effective_on,
        {{ money('case when is_discounted then net_mrr else gross_mrr end') }}
            as mrr_delta
    from priced
    where is_counted

    union all

    select
        account_id,
        currency,
        discounted_to as effective_on,
        {{ money('gross_mrr - net_mrr') }} as mrr_delta
    from priced
    where is_counted and is_discounted and discounted_to is not null

    union all

    select
        account_id,
        currency,
        valid_to as effective_on,
        {{ money('-gross_mrr') }} as mrr_delta
    from priced
    where is_counted and valid_to is not null

),

days as (

    select
        both_ends.account_id,
        both_ends.effective_on,
        {{ money('sum(both_ends.mrr_delta)') }} as native_delta,
        sum(both_ends.mrr_delta * cast(rates.rate as double)) as mrr_delta
    from both_ends
    inner join clock
        on both_ends.effective_on <= clock.as_of_on
    inner join rates
        on
            both_ends.currency = rates.currency
            and both_ends.effective_on >= rates.valid_from
            and both_ends.effective_on < coalesce(rates.valid_to, {{ far_future() }})
    group by both_ends.account_id, both_ends.effective_on

),

accumulated as (

    select
        *,
        sum(native_delta) over account_so_far as mrr_after,
        row_number() over account_so_far as day_number
    from days
    where native_delta <> 0
    window account_so_far as (
        partition by account_id
        order by effective_on
        rows between unbounded preceding and current row
    )

),

changes as (

    select
        account_id,
        effective_on,
        case
            when day_number = 1 then 'new'
            when mrr_after = native_delta then 'reactivation'
            when mrr_after = 0 then 'churn'
            when mrr_delta > 0 then 'expansion'
            else 'contraction'
        end as movement,
        mrr_delta
    from accumulated

)

select * from changes
