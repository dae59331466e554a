{# Older connectors write a price into plan alone; where both tell it, price counts. #}
with

prices as (

    select * from {{ ref('stg_stripe__prices') }}

),

plans as (

    select * from {{ ref('stg_stripe__plans') }}

),

unioned as (

    select
        prices.price_id,
        prices.product_id,
        prices.plan,
        prices.price_type,
        prices.currency,
        prices.billing_interval,
        prices.interval_count,
        prices.usage_type,
        prices.package_size,
        prices.package_rounding,
        prices.unit_amount,
        prices.source_file,
        prices.source_line
    from prices

    union all

    select
        plans.price_id,
        plans.product_id,
        plans.plan,
        plans.price_type,
        plans.currency,
        plans.billing_interval,
        plans.interval_count,
        plans.usage_type,
        plans.package_size,
        plans.package_rounding,
        plans.unit_amount,
        plans.source_file,
        plans.source_line
    from plans
    left join prices
        on plans.price_id = prices.price_id
    where prices.price_id is null

)

select * from unioned
