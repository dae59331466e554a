{# At the rate of the day something changed; who left keeps what was last largest. #}
with

changes as (

    select * from {{ ref('int_mrr_line_changes_summed') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

product_days as (

    select
        account_id,
        currency,
        product,
        effective_on,
        sum(mrr_delta) as mrr_delta
    from changes
    group by account_id, currency, product, effective_on

),

product_balances as (

    select
        account_id,
        currency,
        product,
        effective_on as valid_from,
        lead(effective_on) over (
            partition by account_id, currency, product
            order by effective_on
        ) as valid_to,
        sum(mrr_delta) over (
            partition by account_id, currency, product
            order by effective_on
            rows between unbounded preceding and current row
        ) as mrr_native
    from product_days

),

change_days as (

    select
        account_id,
        effective_on
    from changes
    group by account_id, effective_on

),

valued as (

    select
        change_days.account_id,
        change_days.effective_on,
        product_balances.product,
        sum({{ converted('product_balances.mrr_native', 'rates.rate') }}) as mrr
    from change_days
    inner join product_balances
        on
            change_days.account_id = product_balances.account_id
            and change_days.effective_on >= product_balances.valid_from
            and change_days.effective_on < coalesce(
                product_balances.valid_to, {{ far_future() }}
            )
    inner join rates
        on
            product_balances.currency = rates.currency
            and change_days.effective_on >= rates.valid_from
            and change_days.effective_on < coalesce(rates.valid_to, {{ far_future() }})
    where product_balances.mrr_native > 0
    group by change_days.account_id, change_days.effective_on, product_balances.product

),

ranked as (

    select
        account_id,
        effective_on,
        product,
        row_number() over (
            partition by account_id, effective_on
            order by mrr desc, product asc
        ) as product_rank
    from valued

),

turns as (

    select
        account_id,
        effective_on,
        product,
        lag(product) over (
            partition by account_id
            order by effective_on
        ) as last_product
    from ranked
    where product_rank = 1

),

found as (

    select
        account_id,
        effective_on as valid_from,
        lead(effective_on) over (
            partition by account_id
            order by effective_on
        ) as valid_to,
        product as largest_product
    from turns
    where last_product is distinct from product

)

select * from found
