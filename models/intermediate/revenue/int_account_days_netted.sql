{# An account before and after each day of change; what happened within it is netted. #}
with

changes as (

    select * from {{ ref('int_mrr_line_changes_summed') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

days as (

    select
        changes.account_id,
        changes.effective_on,
        sum(changes.mrr_delta) as mrr_delta,
        sum({{ converted('changes.mrr_delta', 'rates.rate') }}) as reporting_delta,
        sum(changes.paused_delta) as paused_delta,
        sum(changes.unpaid_delta) as unpaid_delta
    from changes
    inner join rates
        on
            changes.currency = rates.currency
            and changes.effective_on >= rates.valid_from
            and changes.effective_on < coalesce(rates.valid_to, {{ far_future() }})
    group by changes.account_id, changes.effective_on

),

accumulated as (

    select
        *,
        sum(mrr_delta) over account_so_far as mrr_after,
        sum(paused_delta) over account_so_far as paused_after,
        sum(unpaid_delta) over account_so_far as unpaid_after,
        sum(abs(mrr_delta)) over account_so_far as mrr_moved
    from days
    window account_so_far as (
        partition by account_id
        order by effective_on
        rows between unbounded preceding and current row
    )

),

states as (

    select
        account_id,
        effective_on,
        reporting_delta,
        mrr_after - mrr_delta > 0 as is_paying_before,
        mrr_after > 0 as is_paying_after,
        paused_after - paused_delta > 0 as is_paused_before,
        paused_after > 0 as is_paused_after,
        unpaid_after > 0 as is_unpaid_after,
        mrr_moved > abs(mrr_delta) as has_paid_before
    from accumulated

)

select * from states
