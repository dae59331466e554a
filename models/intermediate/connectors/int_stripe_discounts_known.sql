{# One that went between two runs was taken off; its past is only in the captures. #}
with

discounts as (

    select * from {{ ref('stg_stripe__subscription_discounts') }}

),

discount_captures as (

    select * from {{ ref('stg_stripe__discount_captures') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by discount_id
            order by capture_number desc
        ) as latest_rank
    from discount_captures

),

gone as (

    select
        ranked.subscription_id,
        ranked.discount_id,
        ranked.coupon_id,
        ranked.started_at,
        least(ranked.ends_at, ranked.seen_at) as ends_at
    from ranked
    left join discounts
        on ranked.discount_id = discounts.discount_id
    where
        ranked.latest_rank = 1
        and ranked.is_gone
        and discounts.discount_id is null

),

known as (

    select
        subscription_id,
        discount_id,
        coupon_id,
        started_at,
        ends_at
    from discounts

    union all

    select
        subscription_id,
        discount_id,
        coupon_id,
        started_at,
        ends_at
    from gone

)

select * from known
