with

changes as (

    select * from {{ ref('int_mrr_line_changes_summed') }}

),

accumulated as (

    select
        *,
        sum(mrr_delta) over line_so_far as mrr_after,
        sum(gross_delta) over line_so_far as gross_after,
        sum(quantity_delta) over line_so_far as quantity_after,
        sum(seat_delta) over line_so_far as seats_after
    from changes
    window line_so_far as (
        partition by account_id, currency, subscription_id, product
        order by effective_on
        rows between unbounded preceding and current row
    )

),

with_before as (

    select
        account_id,
        currency,
        subscription_id,
        product,
        effective_on,
        {{ money('mrr_after - mrr_delta') }} as mrr_before,
        {{ money('mrr_after') }} as mrr_after,
        {{ money('gross_after - gross_delta') }} as gross_before,
        {{ money('gross_after') }} as gross_after,
        cast(quantity_after - quantity_delta as decimal(18, 2)) as quantity_before,
        cast(quantity_after as decimal(18, 2)) as quantity_after,
        cast(seats_after - seat_delta as decimal(18, 2)) as seats_before,
        cast(seats_after as decimal(18, 2)) as seats_after,
        ended_plan,
        started_plan,
        ended_unit_mrr,
        started_unit_mrr,
        ended_discount,
        started_discount
    from accumulated

)

select * from with_before
