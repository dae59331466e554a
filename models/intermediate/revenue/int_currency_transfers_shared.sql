{# The lesser of what fell and rose on a day; each currency bears its part of it. #}
with

products as (

    select * from {{ ref('int_paused_mrr_accumulated') }}

),

account_days as (

    select * from {{ ref('int_account_days_classified') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

-- Whoever begins, stops or comes back transfers nothing.
currency_days as (

    select
        products.account_id,
        products.effective_on,
        products.currency,
        sum(products.mrr_delta) as total_native
    from products
    inner join account_days
        on
            products.account_id = account_days.account_id
            and products.effective_on = account_days.effective_on
    where account_days.movement in ('expansion', 'contraction')
    group by products.account_id, products.effective_on, products.currency

),

valued as (

    select
        currency_days.*,
        {{ converted('currency_days.total_native', 'rates.rate') }} as total_mrr
    from currency_days
    inner join rates
        on
            currency_days.currency = rates.currency
            and currency_days.effective_on >= rates.valid_from
            and currency_days.effective_on < coalesce(
                rates.valid_to, {{ far_future() }}
            )

),

sides as (

    select
        *,
        sum(greatest(-total_mrr, 0)) over account_day as fallen_mrr,
        sum(greatest(total_mrr, 0)) over account_day as risen_mrr,
        sum(abs(total_mrr)) over account_side as side_mrr,
        sum(abs(total_mrr)) over (
            partition by account_id, effective_on, total_mrr < 0
            order by currency
            rows between unbounded preceding and current row
        ) as side_so_far
    from valued
    window
        account_day as (partition by account_id, effective_on),
        account_side as (partition by account_id, effective_on, total_mrr < 0)

),

-- Cut off what the side has borne so far, so that the last takes what rounding left.
cut as (

    select
        *,
        {{ share_of('least(fallen_mrr, risen_mrr)', 'side_so_far', 'side_mrr', 6) }}
        - {{ share_of(
            'least(fallen_mrr, risen_mrr)', 'side_so_far - abs(total_mrr)',
            'side_mrr', 6
        ) }} as taken_mrr
    from sides
    where
        fallen_mrr > 0
        and risen_mrr > 0
        and total_mrr <> 0

),

shared as (

    select
        account_id,
        effective_on,
        currency,
        {{ money('case when total_mrr < 0 then -taken_mrr else taken_mrr end') }}
            as mrr_delta,
        {{ money(
            'case when total_native < 0 then -1 else 1 end * '
            ~ share_of('abs(total_native)', 'taken_mrr', 'abs(total_mrr)', 6)
        ) }} as mrr_delta_native,
        taken_mrr = abs(total_mrr) as is_whole
    from cut
    where taken_mrr <> 0

)

select * from shared
