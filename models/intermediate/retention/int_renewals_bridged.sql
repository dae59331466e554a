{# A lapse that closed within the grace, at what was paid before it; and less what was
   paid twice where a contract was renewed before its end. #}
with

account_days as (

    select * from {{ ref('int_account_days_classified') }}

),

balances as (

    select * from {{ ref('int_mrr_balances_accumulated') }}

),

overlap_steps as (

    select * from {{ ref('int_early_overlaps_stepped') }}

),

turns as (

    select
        account_id,
        movement,
        effective_on as lapsed_on,
        lead(effective_on) over (
            partition by account_id
            order by effective_on
        ) as renewed_on
    from account_days
    where sub_reason = 'late_renewal'

),

lapses as (

    select
        balances.account_id,
        balances.currency,
        turns.lapsed_on as valid_from,
        turns.renewed_on as valid_to,
        balances.mrr_native
    from turns
    inner join balances
        on
            turns.account_id = balances.account_id
            and turns.lapsed_on = balances.valid_to
    where
        turns.movement = 'churn'
        and balances.mrr_native > 0

),

steps as (

    select
        account_id,
        currency,
        effective_on,
        sum(overlap_delta) as overlap_delta
    from overlap_steps
    group by account_id, currency, effective_on

),

doubled as (

    select
        account_id,
        currency,
        effective_on,
        lead(effective_on) over so_far as next_on,
        sum(overlap_delta) over so_far as doubled_native
    from steps
    where overlap_delta <> 0
    window so_far as (
        partition by account_id, currency
        order by effective_on
    )

),

bridged as (

    select
        account_id,
        currency,
        valid_from,
        valid_to,
        mrr_native
    from lapses

    union all

    select
        account_id,
        currency,
        effective_on as valid_from,
        next_on as valid_to,
        {{ money('-doubled_native') }} as mrr_native
    from doubled
    where doubled_native > 0

)

select * from bridged
