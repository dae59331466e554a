{# What the ledger will book if nothing else is heard, at the rates of the run's day. #}
with

changes as (

    select * from {{ ref('int_scheduled_changes_summed') }}

),

rates as (

    select * from {{ ref('int_fixed_rates_picked') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

accumulated as (

    select
        *,
        sum(mrr_delta_native) over currency_so_far as native_after,
        sum(mrr_delta_native) over account_so_far as account_after,
        sum(mrr_delta_native) over account_day as account_delta,
        sum(unpaused_native) over account_day as unpaused_delta
    from changes
    window
        currency_so_far as (
            partition by account_id, currency
            order by effective_on
            range between unbounded preceding and current row
        ),
        account_so_far as (
            partition by account_id
            order by effective_on
            range between unbounded preceding and current row
        ),
        account_day as (
            partition by account_id, effective_on
        )

),

valued as (

    select
        accumulated.*,
        {{ money(
            converted('accumulated.native_after', 'rates.run_rate')
            ~ ' - ' ~ converted(
                '(accumulated.native_after - accumulated.mrr_delta_native)',
                'rates.run_rate'
            )
        ) }} as mrr_delta
    from accumulated
    inner join rates
        on accumulated.currency = rates.currency

),

netted as (

    select
        *,
        sum(mrr_delta) over (
            partition by account_id, effective_on
        ) as account_mrr_delta
    from valued

),

scheduled as (

    select
        cast(netted.account_id as string) as account_id,
        cast(netted.currency as string) as currency,
        cast(netted.effective_on as date) as effective_on,
        cast(netted.known_on as date) as known_on,
        cast(
            case
                when netted.account_after = netted.account_delta then 'start'
                when netted.account_after > 0 and netted.account_mrr_delta >= 0
                    then 'expansion'
                when netted.account_after > 0 then 'contraction'
                when netted.unpaused_delta = 0 then 'pause'
                else 'churn'
            end as string
        ) as scheduled_movement,
        {{ money('netted.mrr_delta') }} as mrr_delta,
        {{ money('netted.mrr_delta_native') }} as mrr_delta_native
    from netted
    inner join clock
        on netted.effective_on > clock.as_of_on
    where netted.mrr_delta_native <> 0

)

select * from scheduled
