{# Stripe never gives an id twice: an item that came back was never gone. #}
with

item_captures as (

    select * from {{ ref('stg_stripe__item_captures') }}

),

prices as (

    select * from {{ ref('int_stripe_prices_unioned') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

compared as (

    select
        *,
        row_number() over (
            partition by item_id
            order by capture_number
        ) = 1 as is_first,
        looked_at is not null as is_change,
        max(case when not is_gone then capture_number end) over (
            partition by item_id
        ) as last_held_in,
        case
            when is_gone or synced_at <= looked_at then seen_at
            else coalesce(synced_at, seen_at)
        end as observed_at
    from item_captures

),

known as (

    select
        compared.*,
        coalesce(prices.usage_type = 'metered', false) as is_metered
    from compared
    left join prices
        on compared.price_id = prices.price_id
    cross join clock
    where
        coalesce(prices.price_type, 'recurring') = 'recurring'
        and (not compared.is_gone or compared.capture_number > compared.last_held_in)
        and compared.observed_at <= clock.as_of_at
        and coalesce(compared.created_at, clock.as_of_at) <= clock.as_of_at

),

dated as (

    select
        subscription_id,
        item_id,
        observed_at,
        case when is_change then 8 else 10 end as evidence_rank,
        price_id,
        quantity,
        period_started_at,
        period_ends_at,
        is_metered,
        is_gone,
        false as is_starting_point
    from known

    union all

    select
        subscription_id,
        item_id,
        created_at as observed_at,
        1 as evidence_rank,
        cast(null as string) as price_id,
        cast(null as decimal(18, 2)) as quantity,
        cast(null as timestamp) as period_started_at,
        cast(null as timestamp) as period_ends_at,
        is_metered,
        false as is_gone,
        true as is_starting_point
    from known
    where is_first and created_at is not null

)

select * from dated
