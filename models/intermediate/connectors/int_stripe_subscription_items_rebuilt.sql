{# A version is cut where the next discount begins; its price, product and account
   are looked up. #}
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

products as (

    select * from {{ ref('stg_stripe__products') }}

),

discounted as (

    select
        versions.*,
        greatest(
            versions.valid_from, coalesce(discounts.phase_from, versions.valid_from)
        ) as phase_from,
        least(
            versions.valid_to, coalesce(discounts.phase_to, versions.valid_to)
        ) as phase_to,
        discounts.discount_percent,
        discounts.discount_amount,
        discounts.discount_kind,
        discounts.discount_from,
        discounts.discount_to,
        discounts.currency as discount_currency
    from versions
    left join discounts
        on
            versions.subscription_id = discounts.subscription_id
            and versions.valid_from < discounts.phase_to
            and versions.valid_to > discounts.phase_from

),

rebuilt as (

    select
        discounted.item_id,
        discounted.subscription_id,
        subscriptions.account_id,
        coalesce(products.product_name, prices.product_id, 'unknown') as product,
        coalesce(prices.plan, discounted.price_id) as plan,
        discounted.phase_from as valid_from,
        nullif(discounted.phase_to, {{ far_future() }}) as valid_to,
        cast(
            case
                when discounted.quantity is null and prices.usage_type = 'metered'
                    then 0
                when discounted.quantity is null then 1
                when prices.package_size > 1 and prices.package_rounding = 'down'
                    then floor(discounted.quantity / nullif(prices.package_size, 0))
                when prices.package_size > 1
                    then ceil(discounted.quantity / nullif(prices.package_size, 0))
                else discounted.quantity
            end as decimal(18, 2)
        ) as quantity,
        case when prices.package_size > 1 then 'units' end as quantity_unit,
        prices.unit_amount,
        prices.currency,
        prices.billing_interval,
        prices.interval_count,
        cast(coalesce(discounted.discount_percent, 0) as decimal(9, 4))
            as discount_percent,
        {{ money('''
            case
                when
                    items.item_position = 1
                    and discounted.discount_currency = prices.currency
                    then discounted.discount_amount
                else 0
            end
        ''') }} as discount_amount,
        coalesce(discounted.discount_kind, 'recurring') as discount_kind,
        discounted.discount_from,
        discounted.discount_to,
        discounted.status,
        discounted.notice_on,
        discounted.contract_end_on,
        cast(null as bigint) as notice_period_days,
        coalesce(prices.usage_type = 'metered', false) as is_usage_based,
        discounted.source_file,
        discounted.source_line,
        discounted.evidence
    from discounted
    inner join items
        on discounted.item_id = items.item_id
    inner join subscriptions
        on discounted.subscription_id = subscriptions.subscription_id
    left join prices
        on discounted.price_id = prices.price_id
    left join products
        on prices.product_id = products.product_id

)

select * from rebuilt
