{# An amount off is spread over the items that are billed together, by what they cost.
   What a month is billed more often than a year takes it first, and metered use last. #}
with

versions as (

    select * from {{ ref('int_stripe_item_versions_priced') }}

),

subscriptions as (

    select * from {{ ref('int_stripe_subscriptions_identified') }}

),

products as (

    select * from {{ ref('stg_stripe__products') }}

),

billing_intervals as (

    select * from {{ ref('billing_intervals') }}

),

valued as (

    select
        versions.*,
        coalesce(
            versions.discount_amount > 0
            and versions.discount_currency = versions.price_currency,
            false
        ) as has_amount_off,
        cast(versions.is_metered as integer) * 1000
        - coalesce(
            cast(billing_intervals.periods_per_year as double)
            / nullif(versions.price_interval_count, 0),
            0
        ) as bill_rank,
        coalesce(
            cast(versions.quantity as double)
            * cast(versions.unit_price as double)
            * (1 - cast(coalesce(versions.discount_percent, 0) as double) / 100),
            0
        ) as amount
    from versions
    left join billing_intervals
        on versions.price_interval = billing_intervals.billing_interval

),

bounds as (

    select
        subscription_id,
        phase_from as bound_on
    from valued
    where has_amount_off

    union all

    select
        subscription_id,
        phase_to as bound_on
    from valued
    where has_amount_off

),

bounds_told as (

    select
        subscription_id,
        bound_on
    from bounds
    group by subscription_id, bound_on

),

-- Another item that comes, goes or changes moves what falls on this one.
cut as (

    select
        valued.*,
        coalesce(bounds_told.bound_on, valued.phase_from) as cut_from,
        coalesce(
            lead(bounds_told.bound_on) over (
                partition by valued.item_id, valued.phase_from
                order by bounds_told.bound_on
            ),
            valued.phase_to
        ) as cut_to
    from valued
    left join bounds_told
        on
            valued.has_amount_off
            and valued.subscription_id = bounds_told.subscription_id
            and valued.phase_from <= bounds_told.bound_on
            and valued.phase_to > bounds_told.bound_on

),

ranked as (

    select
        *,
        min(case when has_amount_off and amount > 0 then bill_rank end) over (
            partition by subscription_id, cut_from
        ) as best_bill_rank,
        sum(amount) over (
            partition by subscription_id, cut_from, has_amount_off, bill_rank
        ) as amount_billed,
        sum(amount) over (
            partition by subscription_id, cut_from, has_amount_off, bill_rank
            order by item_id
            rows between unbounded preceding and current row
        ) as amount_until
    from cut

),

-- The parts of two running sums differ by what falls on an item: together they are all.
spread as (

    select
        *,
        case
            when has_amount_off and bill_rank = best_bill_rank
                then
                    {{ money(
                        'least(cast(discount_amount as double), amount_billed)'
                        ~ ' * amount_until / nullif(amount_billed, 0)'
                    ) }}
                    - {{ money(
                        'least(cast(discount_amount as double), amount_billed)'
                        ~ ' * (amount_until - amount) / nullif(amount_billed, 0)'
                    ) }}
            else 0
        end as amount_off
    from ranked

),

rebuilt as (

    select
        spread.item_id,
        spread.subscription_id,
        subscriptions.account_id,
        coalesce(products.product_name, spread.product_id, 'unknown') as product,
        coalesce(spread.plan, spread.price_id) as plan,
        spread.cut_from as valid_from,
        nullif(spread.cut_to, {{ far_future() }}) as valid_to,
        spread.quantity,
        spread.quantity_unit,
        spread.unit_price as unit_amount,
        spread.price_currency as currency,
        spread.price_interval as billing_interval,
        spread.price_interval_count as interval_count,
        cast(coalesce(spread.discount_percent, 0) as decimal(9, 4))
            as discount_percent,
        {{ money('spread.amount_off') }} as discount_amount,
        coalesce(spread.discount_kind, 'recurring') as discount_kind,
        spread.discount_from,
        spread.discount_to,
        spread.status,
        spread.notice_on,
        spread.contract_end_on,
        cast(null as bigint) as notice_period_days,
        spread.is_metered as is_usage_based,
        spread.source_file,
        spread.source_line,
        spread.evidence
    from spread
    inner join subscriptions
        on spread.subscription_id = subscriptions.subscription_id
    left join products
        on spread.product_id = products.product_id

)

select * from rebuilt
