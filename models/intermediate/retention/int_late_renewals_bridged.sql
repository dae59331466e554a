{# A lapse that closed within the grace, at what was paid before it. #}
with

account_days as (

    select * from {{ ref('int_account_days_classified') }}

),

balances as (

    select * from {{ ref('int_mrr_balances_accumulated') }}

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

bridged as (

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

)

select * from bridged
