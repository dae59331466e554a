{# One sweep over the days: what enters a window is added, what leaves is taken off. #}
with

days as (

    select * from {{ ref('int_health_days_awaited') }}

),

windowed as (

    select * from {{ ref('int_billing_inputs_windowed') }}

),

changes as (

    select
        account_id,
        counts_from as changed_on,
        input_name as amount_kind,
        amount
    from windowed

    union all

    select
        account_id,
        counts_to as changed_on,
        input_name as amount_kind,
        -amount as amount
    from windowed
    where counts_to < {{ far_future() }}

    union all

    select
        account_id,
        health_on as changed_on,
        'health_day' as amount_kind,
        {{ money('0') }} as amount
    from days

),

daily as (

    select
        account_id,
        changed_on,
        count_if(amount_kind = 'health_day') > 0 as is_health_day,
        {{ total_of('payments') }} as payments,
        {{ total_of('failed_payments') }} as failed_payments,
        {{ total_of('mrr_lost') }} as mrr_lost,
        {{ total_of('mrr') }} as mrr,
        max(case when amount_kind = 'payments' and amount > 0 then changed_on end)
            as payment_on,
        min(case when amount_kind = 'mrr' and amount > 0 then changed_on end)
            as paid_on
    from changes
    group by account_id, changed_on

),

accumulated as (

    select
        account_id,
        changed_on as health_on,
        is_health_day,
        cast(sum(payments) over so_far as bigint) as payment_count,
        cast(sum(failed_payments) over so_far as bigint) as failed_payment_count,
        {{ money('sum(mrr_lost) over so_far') }} as lost_mrr,
        {{ money('sum(mrr) over so_far') }} as mrr,
        max(payment_on) over so_far as last_payment_on,
        min(paid_on) over so_far as first_paid_on
    from daily
    window so_far as (
        partition by account_id
        order by changed_on
        rows between unbounded preceding and current row
    )

)

select * from accumulated
where is_health_day
