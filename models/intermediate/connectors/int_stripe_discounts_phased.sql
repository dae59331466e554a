{# Coupons at once compound in order of their begin: a percent multiplies what is left,
   an amount is taken from it. The first phase has none before it. #}
with

discounts as (

    select * from {{ ref('int_stripe_discounts_known') }}

),

subscriptions as (

    select * from {{ ref('int_stripe_subscriptions_identified') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

-- Those of the customer count while the subscription has none of its own.
explained as (

    select
        discounts.subscription_id,
        discounts.discount_id,
        discounts.started_at,
        coalesce(cast(discounts.started_at as date), {{ the_beginning() }})
            as discount_from,
        coalesce(
            cast(discounts.ends_at as date),
            case
                when discounts.duration = 'repeating' then {{ months_after(
                    'cast(discounts.duration_in_months as integer)',
                    'cast(discounts.started_at as date)'
                ) }}
            end,
            {{ far_future() }}
        ) as discount_to,
        case
            when discounts.duration = 'once' and discounts.is_own then 3
            when discounts.duration = 'once' then 4
            when discounts.is_own then 1
            else 2
        end as place_rank,
        1 - cast(coalesce(discounts.percent_off, 0) as double) / 100 as rate_left,
        -- An amount without a currency is of the subscription's, read in hundredths.
        case
            when discounts.amount_off is null then 0
            when discounts.currency is null then {{ minor_units(
                'discounts.amount_off * 100', 'subscriptions.currency'
            ) }}
            else discounts.amount_off
        end as discount_amount,
        case
            when discounts.amount_off > 0
                then coalesce(discounts.currency, subscriptions.currency)
        end as currency
    from discounts
    cross join clock
    left join subscriptions
        on discounts.subscription_id = subscriptions.subscription_id
    where
        discounts.is_coupon_landed
        and coalesce(
            not discounts.amount_off > 0
            or discounts.currency = subscriptions.currency,
            true
        )
        and coalesce(discounts.started_at, clock.as_of_at) <= clock.as_of_at

),

bounds as (

    select
        subscription_id,
        discount_from as bound_on
    from explained
    where discount_from < discount_to

    union all

    select
        subscription_id,
        discount_to as bound_on
    from explained
    where discount_from < discount_to

),

stretches as (

    select
        subscription_id,
        bound_on as stretch_from,
        lead(bound_on) over (
            partition by subscription_id
            order by bound_on
        ) as stretch_to
    from bounds
    group by subscription_id, bound_on

),

held as (

    select
        stretches.stretch_from,
        stretches.stretch_to,
        explained.*,
        min(explained.place_rank) over (
            partition by stretches.subscription_id, stretches.stretch_from
        ) as best_place_rank
    from stretches
    inner join explained
        on
            stretches.subscription_id = explained.subscription_id
            and stretches.stretch_from >= explained.discount_from
            and stretches.stretch_to <= explained.discount_to

),

compounded as (

    select
        *,
        max(currency) over (
            partition by subscription_id, stretch_from
        ) as stretch_currency,
        coalesce({{ product_of('rate_left', 'over later_ones') }}, 1) as rate_after
    from held
    where place_rank = best_place_rank
    window
        later_ones as (
            partition by subscription_id, stretch_from
            order by started_at desc nulls last, discount_id desc
            rows between unbounded preceding and 1 preceding
        )

),

combined as (

    select
        subscription_id,
        stretch_from,
        stretch_to,
        min(place_rank) as place_rank,
        100 * (1 - {{ product_of('rate_left') }}) as discount_percent,
        sum(
            case when currency = stretch_currency then {{ money(
                'cast(discount_amount as double) * rate_after'
            ) }} else 0 end
        ) as discount_amount,
        max(stretch_currency) as currency
    from compounded
    group by subscription_id, stretch_from, stretch_to

),

phased as (

    select
        subscription_id,
        case
            when row_number() over (
                partition by subscription_id
                order by stretch_from
            ) = 1 then {{ the_beginning() }}
            else stretch_from
        end as phase_from,
        coalesce(
            lead(stretch_from) over (
                partition by subscription_id
                order by stretch_from
            ),
            {{ far_future() }}
        ) as phase_to,
        case when place_rank < 3 then 'recurring' else 'once' end as discount_kind,
        cast(discount_percent as decimal(9, 4)) as discount_percent,
        {{ money('discount_amount') }} as discount_amount,
        currency,
        stretch_from as discount_from,
        nullif(stretch_to, {{ far_future() }}) as discount_to
    from combined

)

select * from phased
