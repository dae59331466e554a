with

booked as (

    select * from {{ ref('int_mrr_movements_booked') }}

),

fx as (

    select * from {{ ref('int_fx_movements_derived') }}

),

movements as (

    select
        account_id,
        effective_on,
        movement,
        sub_reason,
        mrr_delta,
        currency,
        mrr_delta_native,
        is_provisional
    from booked

    union all

    select
        account_id,
        effective_on,
        'fx' as movement,
        'rate_change' as sub_reason,
        mrr_delta,
        currency,
        {{ money('0') }} as mrr_delta_native,
        false as is_provisional
    from fx

),

contracted as (

    select
        cast(account_id as string) as account_id,
        cast(effective_on as date) as effective_on,
        cast(movement as string) as movement,
        cast(sub_reason as string) as sub_reason,
        {{ money('mrr_delta') }} as mrr_delta,
        cast(currency as string) as currency,
        {{ money('mrr_delta_native') }} as mrr_delta_native,
        cast(is_provisional as boolean) as is_provisional
    from movements

)

select * from contracted
