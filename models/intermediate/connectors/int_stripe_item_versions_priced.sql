{# A version is cut where a bill is believed and where the next discounts begin; its
   price is looked up. #}
with

versions as (

    select * from {{ ref('int_stripe_item_versions_joined') }}

),

discounts as (

    select * from {{ ref('int_stripe_discounts_phased') }}

),

prices as (

    select * from {{ ref('int_stripe_prices_unioned') }}

),

prices_billed as (

    select * from {{ ref('int_stripe_prices_billed') }}

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
        discounted.subscription_id,
        discounted.item_id,
        discounted.price_id,
        prices.product_id,
        prices.plan,
        discounted.phase_from,
        discounted.phase_to,
        cast(
            case
                when discounted.quantity is null and prices.usage_type = 'metered'
                    then 0
                when discounted.quantity is null then 1
                else {{ packages(
                    'discounted.quantity',
                    'prices.package_size',
                    'prices.package_rounding'
                ) }}
            end as decimal(18, 2)
        ) as quantity,
        case when prices.package_size > 1 then 'units' end as quantity_unit,
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
        end as price_interval_count,
        discounted.discount_percent,
        discounted.discount_amount,
        discounted.discount_currency,
        discounted.discount_kind,
        discounted.discount_from,
        discounted.discount_to,
        discounted.status,
        discounted.notice_on,
        discounted.contract_end_on,
        coalesce(prices.usage_type = 'metered', false) as is_metered,
        discounted.evidence,
        discounted.source_file,
        discounted.source_line
    from discounted
    left join prices
        on discounted.price_id = prices.price_id

)

select * from priced
