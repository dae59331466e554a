with

booked as (

    select * from {{ ref('int_mrr_movements_booked') }}

),

fx as (

    select * from {{ ref('int_fx_movements_derived') }}

),

unioned as (

    select
        account_id,
        effective_on,
        movement,
        sub_reason,
        currency,
        mrr_delta,
        mrr_delta_native,
        is_provisional
    from booked

    union all

    select
        account_id,
        effective_on,
        'fx' as movement,
        'rate_change' as sub_reason,
        currency,
        mrr_delta,
        {{ money('0') }} as mrr_delta_native,
        false as is_provisional
    from fx

)

select * from unioned
