{# Only an account with a foreign balance has more rows than its balance changed. #}
with

balances as (

    select * from {{ ref('int_mrr_balances_accumulated') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

converted as (

    select
        balances.account_id,
        greatest(balances.valid_from, rates.valid_from) as valid_from,
        least(
            coalesce(balances.valid_to, {{ far_future() }}),
            coalesce(rates.valid_to, {{ far_future() }})
        ) as valid_to,
        clock.as_of_on,
        {{ converted('balances.mrr_native', 'rates.rate') }} as mrr
    from balances
    inner join rates
        on
            balances.currency = rates.currency
            and balances.valid_from < coalesce(rates.valid_to, {{ far_future() }})
            and rates.valid_from < coalesce(balances.valid_to, {{ far_future() }})
    inner join clock
        on
            balances.valid_from <= clock.as_of_on
            and rates.valid_from <= clock.as_of_on
    where balances.mrr_native > 0

),

changes as (

    select
        account_id,
        valid_from as changed_on,
        mrr as mrr_delta
    from converted

    union all

    select
        account_id,
        valid_to as changed_on,
        -mrr as mrr_delta
    from converted
    where valid_to <= as_of_on

),

daily as (

    select
        account_id,
        changed_on,
        sum(mrr_delta) as mrr_delta
    from changes
    group by account_id, changed_on
    having sum(mrr_delta) <> 0

),

revalued as (

    select
        account_id,
        changed_on as valid_from,
        lead(changed_on) over (
            partition by account_id
            order by changed_on
        ) as valid_to,
        {{ money('''
            sum(mrr_delta) over (
                partition by account_id
                order by changed_on
                rows between unbounded preceding and current row
            )
        ''') }} as mrr
    from daily

)

select * from revalued
