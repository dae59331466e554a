with

movements as (

    select * from {{ ref('int_mrr_movements_unioned') }}

),

rates as (

    select * from {{ ref('int_fixed_rates_picked') }}

),

contracted as (

    select
        cast(movements.account_id as string) as account_id,
        cast(movements.effective_on as date) as effective_on,
        cast(movements.movement as string) as movement,
        cast(movements.sub_reason as string) as sub_reason,
        {{ money('movements.mrr_delta') }} as mrr_delta,
        cast(movements.currency as string) as currency,
        {{ money('movements.mrr_delta_native') }} as mrr_delta_native,
        {{ converted('movements.mrr_delta_native', 'rates.constant_rate') }}
            as mrr_delta_constant,
        cast(movements.is_provisional as boolean) as is_provisional
    from movements
    inner join rates
        on movements.currency = rates.currency

)

select * from contracted
