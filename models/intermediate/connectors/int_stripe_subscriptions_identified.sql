{# Revenue is never lost for want of a CRM account: an unmatched customer is its own
   account. #}
with

subscription_versions as (

    select * from {{ ref('stg_stripe__subscription_versions') }}

),

identities as (

    select * from {{ ref('int_account_identities_matched') }}

),

lines as (

    select * from {{ ref('int_stripe_lines_filtered') }}

),

items_held as (

    select * from {{ ref('int_stripe_items_held') }}

),

prices as (

    select * from {{ ref('int_stripe_prices_unioned') }}

),

subscriptions as (

    select
        subscription_id,
        max_by(customer_id, captured_at) as customer_id
    from subscription_versions
    group by subscription_id

),

-- A subscription is billed in one currency for good; a price may tell others.
currencies_billed as (

    select
        subscription_id,
        min_by(currency, period_started_at) as currency
    from lines
    group by subscription_id

),

currencies_held as (

    select
        items_held.subscription_id,
        min(prices.currency) as currency
    from items_held
    inner join prices
        on items_held.price_id = prices.price_id
    group by items_held.subscription_id

),

identified as (

    select
        subscriptions.subscription_id,
        subscriptions.customer_id,
        coalesce(
            identities.account_id, concat_ws(':', 'stripe', subscriptions.customer_id)
        ) as account_id,
        coalesce(currencies_billed.currency, currencies_held.currency) as currency
    from subscriptions
    left join identities
        on
            subscriptions.customer_id = identities.source_account_id
            and identities.source_system = 'stripe'
    left join currencies_billed
        on subscriptions.subscription_id = currencies_billed.subscription_id
    left join currencies_held
        on subscriptions.subscription_id = currencies_held.subscription_id

)

select * from identified
