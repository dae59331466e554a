{# One that went between two runs was taken off; its past is only in the captures. #}
with

subscription_discounts as (

    select * from {{ ref('stg_stripe__subscription_discounts') }}

),

subscription_discount_captures as (

    select * from {{ ref('stg_stripe__subscription_discount_captures') }}

),

discounts as (

    select * from {{ ref('stg_stripe__discounts') }}

),

discount_captures as (

    select * from {{ ref('stg_stripe__discount_captures') }}

),

subscriptions as (

    select * from {{ ref('int_stripe_subscriptions_identified') }}

),

coupons as (

    select * from {{ ref('stg_stripe__coupons') }}

),

-- What is on a bill alone takes nothing off the next.
told as (

    select
        1 as told_rank,
        subscription_id,
        cast(null as string) as customer_id,
        discount_id,
        coupon_id,
        started_at,
        ends_at,
        cast(null as timestamp) as seen_at,
        false as is_gone,
        source_file,
        source_line
    from subscription_discounts

    union all

    select
        2 as told_rank,
        subscription_id,
        customer_id,
        discount_id,
        coupon_id,
        started_at,
        ends_at,
        cast(null as timestamp) as seen_at,
        false as is_gone,
        source_file,
        source_line
    from discounts
    where
        subscription_id is not null
        or invoice_id is null and invoice_item_id is null

    union all

    select
        3 as told_rank,
        subscription_id,
        cast(null as string) as customer_id,
        discount_id,
        coupon_id,
        started_at,
        least(ends_at, case when is_gone then seen_at end) as ends_at,
        seen_at,
        is_gone,
        cast(null as string) as source_file,
        cast(null as bigint) as source_line
    from subscription_discount_captures

    union all

    select
        3 as told_rank,
        subscription_id,
        customer_id,
        discount_id,
        coupon_id,
        started_at,
        least(ends_at, case when is_gone then seen_at end) as ends_at,
        seen_at,
        is_gone,
        cast(null as string) as source_file,
        cast(null as bigint) as source_line
    from discount_captures
    where
        subscription_id is not null
        or invoice_id is null and invoice_item_id is null

),

told_once as (

    select
        *,
        row_number() over (
            partition by discount_id
            order by told_rank asc, seen_at desc, is_gone asc, source_line asc
        ) as best_rank,
        told_rank < 3 or is_gone as is_told
    from told

),

placed as (

    select
        subscription_id,
        true as is_own,
        discount_id,
        coupon_id,
        started_at,
        ends_at,
        told_rank,
        source_file,
        source_line
    from told_once
    where best_rank = 1 and is_told and subscription_id is not null

    union all

    select
        subscriptions.subscription_id,
        false as is_own,
        told_once.discount_id,
        told_once.coupon_id,
        told_once.started_at,
        told_once.ends_at,
        told_once.told_rank,
        told_once.source_file,
        told_once.source_line
    from told_once
    inner join subscriptions
        on told_once.customer_id = subscriptions.customer_id
    where
        told_once.best_rank = 1
        and told_once.is_told
        and told_once.subscription_id is null

),

-- A connector may repeat the discount of a subscription for each of its bills.
placed_ranked as (

    select
        *,
        row_number() over (
            partition by subscription_id, is_own, coupon_id, started_at
            order by told_rank, discount_id
        ) as copy_rank
    from placed

),

known as (

    select
        placed_ranked.subscription_id,
        placed_ranked.discount_id,
        placed_ranked.coupon_id,
        placed_ranked.started_at,
        placed_ranked.ends_at,
        coupons.duration,
        coupons.duration_in_months,
        coupons.percent_off,
        coupons.amount_off,
        coupons.currency,
        placed_ranked.is_own,
        coupons.coupon_id is not null as is_coupon_landed,
        placed_ranked.source_file,
        placed_ranked.source_line
    from placed_ranked
    left join coupons
        on placed_ranked.coupon_id = coupons.coupon_id
    where placed_ranked.copy_rank = 1

)

select * from known
