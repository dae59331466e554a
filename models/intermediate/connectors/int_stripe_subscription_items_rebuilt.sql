{# A version is cut where the next discount begins and where a bill is believed; its
   price, product and account are looked up. #}
with

versions as (

    select * from {{ ref('int_stripe_item_versions_joined') }}

),

discounts as (

    select * from {{ ref('int_stripe_discounts_phased') }}

),

items as (

    select * from {{ ref('int_stripe_items_listed') }}

),

subscriptions as (

    select * from {{ ref('int_stripe_subscriptions_identified') }}

),

prices as (

    select * from {{ ref('int_stripe_prices_unioned') }}

),

prices_billed as (

    select * from {{ ref('int_stripe_prices_billed') }}

),

products as (

    select * from {{ ref('stg_stripe__products') }}

),

believed as (

    select
        versions.*,
        greatest(
            versions.valid_from,
            coalesce(prices_billed.phase_from, versions.valid_from)
        ) as believed_from,
        least(
            versions.valid_to, coalesce(prices_billed.phase_to, versions.valid_to)
        ) as believed_to,
        prices_billed.unit_amount,
        prices_billed.currency,
        prices_billed.billing_interval,
        prices_billed.interval_count,
        coalesce(prices_billed.is_believed, false) as is_believed
    from versions
    left join prices_billed
        on
            versions.item_id = prices_billed.item_id
            and versions.price_id = prices_billed.price_id
            and versions.valid_from < prices_billed.phase_to
            and versions.valid_to > prices_billed.phase_from

),

discounted as (

    select
        believed.*,
        greatest(
            believed.believed_from,
            coalesce(discounts.phase_from, believed.believed_from)
        ) as phase_from,
        least(
            believed.believed_to, coalesce(discounts.phase_to, believed.believed_to)
        ) as phase_to,
        discounts.discount_percent,
        discounts.discount_amount,
        discounts.discount_kind,
        discounts.discount_from,
        discounts.discount_to,
        discounts.currency as discount_currency
    from believed
    left join discounts
        on
            believed.subscription_id = discounts.subscription_id
            and believed.believed_from < discounts.phase_to
            and believed.believed_to > discounts.phase_from

),

priced as (

    select
        discounted.*,
        prices.product_id,
        prices.plan,
        prices.usage_type,
        prices.package_size,
        prices.package_rounding,
        case
            when discounted.is_believed then discounted.unit_amount
            else prices.unit_amount
        end as unit_price,
        case
            when discounted.is_believed then discounted.currency
            else prices.currency
        end as price_currency,
        case
            when discounted.is_believed then discounted.billing_interval
            else prices.billing_interval
        end as price_interval,
        case
            when discounted.is_believed then discounted.interval_count
            else prices.interval_count
        end as price_interval_count
    from discounted
    left join prices
        on discounted.price_id = prices.price_id

),

rebuilt as (

    select
        priced.item_id,
        priced.subscription_id,
        subscriptions.account_id,
        coalesce(products.product_name, priced.product_id, 'unknown') as product,
        coalesce(priced.plan, priced.price_id) as plan,
        priced.phase_from as valid_from,
        nullif(priced.phase_to, {{ far_future() }}) as valid_to,
        cast(
            case
                when priced.quantity is null and priced.usage_type = 'metered'
                    then 0
                when priced.quantity is null then 1
                else {{ packages(
                    'priced.quantity', 'priced.package_size', 'priced.package_rounding'
                ) }}
            end as decimal(18, 2)
        ) as quantity,
        case when priced.package_size > 1 then 'units' end as quantity_unit,
        priced.unit_price as unit_amount,
        priced.price_currency as currency,
        priced.price_interval as billing_interval,
        priced.price_interval_count as interval_count,
        cast(coalesce(priced.discount_percent, 0) as decimal(9, 4))
            as discount_percent,
        {{ money('''
            case
                when
                    items.item_position = 1
                    and priced.discount_currency = priced.price_currency
                    then priced.discount_amount
                else 0
            end
        ''') }} as discount_amount,
        coalesce(priced.discount_kind, 'recurring') as discount_kind,
        priced.discount_from,
        priced.discount_to,
        priced.status,
        priced.notice_on,
        priced.contract_end_on,
        cast(null as bigint) as notice_period_days,
        coalesce(priced.usage_type = 'metered', false) as is_usage_based,
        priced.source_file,
        priced.source_line,
        priced.evidence
    from priced
    inner join items
        on priced.item_id = items.item_id
    inner join subscriptions
        on priced.subscription_id = subscriptions.subscription_id
    left join products
        on priced.product_id = products.product_id

)

select * from rebuilt
