{# What a pause took and still holds; what was never paid for is in no pause. #}
with

changes as (

    select * from {{ ref('int_mrr_line_changes_summed') }}

),

lines as (

    select
        *,
        sum(mrr_delta) over (
            partition by account_id, currency, subscription_id, product
            order by effective_on
            rows between unbounded preceding and current row
        ) - mrr_delta as mrr_before,
        sum(greatest(-mrr_delta, 0) + greatest(-paused_delta, 0)) over (
            partition by account_id, currency, product, effective_on
        ) as product_given_up
    from changes

),

-- A line that has paid, or that began as another line of its product gave up.
vouched as (

    select
        *,
        max(
            case
                when mrr_before > 0 then 1
                when
                    ended_plan is null
                    and paused_delta > 0
                    and product_given_up > 0
                    then 1
                else 0
            end
        ) over (
            partition by account_id, currency, subscription_id, product
            order by effective_on
            rows between unbounded preceding and current row
        ) as has_paid
    from lines

),

product_days as (

    select
        account_id,
        currency,
        product,
        effective_on,
        sum(mrr_delta) as mrr_delta,
        sum(paused_delta * has_paid) as paused_delta,
        sum(unpaid_delta) as unpaid_delta
    from vouched
    group by account_id, currency, product, effective_on

),

taken as (

    select
        *,
        least(greatest(-mrr_delta, 0), greatest(paused_delta, 0)) as taken_mrr
    from product_days

),

walked as (

    select
        *,
        sum(taken_mrr - greatest(-paused_delta, 0)) over (
            partition by account_id, currency, product
            order by effective_on
            rows between unbounded preceding and current row
        ) as walk
    from taken

),

-- Whatever leaves a pause, no less than nothing is left of what it took.
held as (

    select
        *,
        walk - least(
            min(walk) over (
                partition by account_id, currency, product
                order by effective_on
                rows between unbounded preceding and current row
            ),
            0
        ) as held_mrr
    from walked

),

accumulated as (

    select
        account_id,
        currency,
        product,
        effective_on,
        {{ money('mrr_delta') }} as mrr_delta,
        {{ money('taken_mrr') }} as taken_mrr,
        {{ money('''
            held_mrr - coalesce(
                lag(held_mrr) over (
                    partition by account_id, currency, product
                    order by effective_on
                ),
                0
            )
        ''') }} as held_delta,
        cast(unpaid_delta as bigint) as unpaid_delta
    from held

)

select * from accumulated
