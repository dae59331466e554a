{# What is held now is no evidence for a clock that was set back. #}
with

subscription_items as (

    select * from {{ ref('stg_stripe__subscription_items') }}

),

prices as (

    select * from {{ ref('int_stripe_prices_unioned') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

held as (

    select
        subscription_items.subscription_id,
        subscription_items.item_id,
        subscription_items.price_id,
        subscription_items.created_at,
        least(
            coalesce(subscription_items.synced_at, clock.as_of_at), clock.as_of_at
        ) as held_at,
        subscription_items.quantity,
        coalesce(prices.usage_type = 'metered', false) as is_metered,
        subscription_items.source_file,
        subscription_items.source_line
    from subscription_items
    left join prices
        on subscription_items.price_id = prices.price_id
    cross join clock
    where
        coalesce(prices.price_type, 'recurring') = 'recurring'
        and coalesce(subscription_items.created_at, clock.as_of_at) <= clock.as_of_at
        and coalesce(cast(subscription_items.synced_at as date), clock.as_of_on)
        <= {{ days_after(1, 'clock.as_of_on') }}

)

select * from held
