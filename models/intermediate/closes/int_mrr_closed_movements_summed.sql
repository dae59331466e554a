with

booked as (

    select * from {{ ref('int_mrr_movements_booked') }}

),

fx as (

    select * from {{ ref('int_fx_movements_derived') }}

),

closes as (

    select * from {{ ref('int_mrr_closes_numbered') }}

),

movements as (

    select
        account_id,
        currency,
        cast(date_trunc('month', effective_on) as date) as mrr_month,
        movement,
        mrr_delta,
        mrr_delta_native
    from booked

    union all

    select
        account_id,
        currency,
        cast(date_trunc('month', effective_on) as date) as mrr_month,
        'fx' as movement,
        mrr_delta,
        {{ money('0') }} as mrr_delta_native
    from fx

),

summed as (

    select
        movements.account_id,
        movements.currency,
        movements.mrr_month,
        movements.movement,
        {{ money('sum(movements.mrr_delta)') }} as mrr_delta,
        {{ money('sum(movements.mrr_delta_native)') }} as mrr_delta_native
    from movements
    inner join closes
        on
            closes.is_this_run
            and movements.mrr_month <= closes.final_month
    group by
        movements.account_id,
        movements.currency,
        movements.mrr_month,
        movements.movement

)

select *
from summed
where mrr_delta <> 0 or mrr_delta_native <> 0
