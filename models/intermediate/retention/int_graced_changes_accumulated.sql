{# As the grace policies read it: a late renewal changes on its return alone, and an
   early one when the contract that it renews has ended. #}
with

balances as (

    select * from {{ ref('int_mrr_balances_accumulated') }}

),

bridges as (

    select * from {{ ref('int_renewals_bridged') }}

),

paid as (

    select
        account_id,
        currency,
        valid_from,
        valid_to,
        mrr_native
    from balances
    where mrr_native > 0

    union all

    select
        account_id,
        currency,
        valid_from,
        valid_to,
        mrr_native
    from bridges

),

both_ends as (

    select
        account_id,
        currency,
        valid_from as effective_on,
        mrr_native as native_delta
    from paid

    union all

    select
        account_id,
        currency,
        valid_to as effective_on,
        -mrr_native as native_delta
    from paid
    where valid_to is not null

),

summed as (

    select
        account_id,
        currency,
        effective_on,
        sum(native_delta) as native_delta
    from both_ends
    group by account_id, currency, effective_on

),

accumulated as (

    select
        account_id,
        currency,
        effective_on,
        {{ money('native_delta') }} as native_delta,
        {{ money('''
            sum(native_delta) over (
                partition by account_id, currency
                order by effective_on
                rows between unbounded preceding and current row
            )
        ''') }} as native_after
    from summed
    where native_delta <> 0

)

select * from accumulated
