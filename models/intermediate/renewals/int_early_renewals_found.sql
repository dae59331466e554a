{# A successor renews one settlement: of its own product where it can, of the nearest
   end that nobody before it has filled. What began after an end fills it late. #}
with

offered as (

    select * from {{ ref('int_successors_offered') }}

),

flagged as (

    select
        *,
        cast(
            cast(offered_native as decimal(24, 6)) * cast(rate as decimal(13, 8))
            as decimal(26, 14)
        ) as offered_amount,
        bool_or(is_due_product) over (
            partition by account_id, currency, subscription_id, product, started_on
        ) as has_own_product
    from offered

),

reached as (

    select
        *,
        sum(lacking_amount) over (
            partition by account_id, currency, subscription_id, product, started_on
            order by settles_on
            rows between unbounded preceding and current row
        ) as lacking_so_far,
        sum(offered_amount) over (
            partition by account_id, settles_on
            order by
                started_on, -offered_amount, product, subscription_id, currency
            rows between unbounded preceding and current row
        ) - offered_amount as offered_before
    from flagged
    where is_due_product = has_own_product

),

placed as (

    select
        *,
        row_number() over (
            partition by account_id, currency, subscription_id, product, started_on
            order by settles_on
        ) as settlement_position
    from reached
    where offered_before < lacking_so_far

),

taken as (

    select
        *,
        greatest(
            least(
                offered_amount,
                lacking_amount + offered_amount - sum(offered_amount) over (
                    partition by account_id, settles_on
                    order by
                        started_on,
                        -offered_amount,
                        product,
                        subscription_id,
                        currency
                    rows between unbounded preceding and current row
                )
            ),
            0
        ) as early_amount
    from placed
    where
        settlement_position = 1
        and started_on < settles_on

),

found as (

    select
        account_id,
        settles_on,
        currency,
        subscription_id,
        product,
        started_on,
        told_end_on,
        is_open,
        cast(early_amount as decimal(26, 14)) as early_amount,
        cast(offered_amount - early_amount as decimal(26, 14)) as uplift_amount,
        case
            when early_amount = offered_amount then {{ money('offered_native') }}
            else {{ money('early_amount / rate') }}
        end as early_native
    from taken
    where early_amount > 0

)

select * from found
