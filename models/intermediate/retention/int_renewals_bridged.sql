{# A lapse that closed within the grace, at what was paid before it; and less what was
   paid twice where a contract was renewed before its end. #}
with

account_days as (

    select * from {{ ref('int_account_days_classified') }}

),

balances as (

    select * from {{ ref('int_mrr_balances_accumulated') }}

),

successors as (

    select * from {{ ref('int_early_renewals_found') }}

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

doubled as (

    select
        account_id,
        currency,
        started_on,
        settles_on,
        is_open,
        sum(overlap_native) as overlap_native
    from successors
    where overlap_native > 0
    group by account_id, currency, started_on, settles_on, is_open

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
        started_on as valid_from,
        case when not is_open then settles_on end as valid_to,
        {{ money('-overlap_native') }} as mrr_native
    from doubled

)

select * from bridged
