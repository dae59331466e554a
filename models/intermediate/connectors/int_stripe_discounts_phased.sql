{# One discount at a time: the next one ends the phase of the one before. The first
   phase has none before it. #}
with

discounts as (

    select * from {{ ref('int_stripe_discounts_known') }}

),

coupons as (

    select * from {{ ref('stg_stripe__coupons') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

explained as (

    select
        discounts.subscription_id,
        discounts.discount_id,
        cast(discounts.started_at as date) as discount_from,
        cast(discounts.ends_at as date) as discount_to,
        case when coupons.duration = 'once' then 'once' else 'recurring' end
            as discount_kind,
        coalesce(coupons.percent_off, 0) as discount_percent,
        coalesce(coupons.amount_off, 0) as discount_amount,
        coupons.currency,
        row_number() over (
            partition by discounts.subscription_id, cast(discounts.started_at as date)
            order by discounts.started_at desc, discounts.discount_id desc
        ) as latest_rank
    from discounts
    inner join coupons
        on discounts.coupon_id = coupons.coupon_id
    cross join clock
    where
        discounts.started_at <= clock.as_of_at
        and (
            discounts.ends_at is null
            or cast(discounts.ends_at as date) > cast(discounts.started_at as date)
        )

),

phased as (

    select
        subscription_id,
        case
            when row_number() over (
                partition by subscription_id
                order by discount_from
            ) = 1 then {{ the_beginning() }}
            else discount_from
        end as phase_from,
        coalesce(
            lead(discount_from) over (
                partition by subscription_id
                order by discount_from
            ),
            {{ far_future() }}
        ) as phase_to,
        discount_kind,
        discount_percent,
        discount_amount,
        currency,
        discount_from,
        discount_to
    from explained
    where latest_rank = 1

)

select * from phased
