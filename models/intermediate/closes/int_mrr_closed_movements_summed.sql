with

movements as (

    select * from {{ ref('int_mrr_movements_unioned') }}

),

closes as (

    select * from {{ ref('int_mrr_closes_numbered') }}

),

dated as (

    select
        *,
        cast(date_trunc('month', effective_on) as date) as mrr_month
    from movements

),

summed as (

    select
        dated.account_id,
        dated.currency,
        dated.mrr_month,
        dated.movement,
        {{ money('sum(dated.mrr_delta)') }} as mrr_delta,
        {{ money('sum(dated.mrr_delta_native)') }} as mrr_delta_native
    from dated
    inner join closes
        on
            closes.is_this_run
            and dated.mrr_month <= closes.final_month
    group by
        dated.account_id,
        dated.currency,
        dated.mrr_month,
        dated.movement

)

select *
from summed
where mrr_delta <> 0 or mrr_delta_native <> 0
