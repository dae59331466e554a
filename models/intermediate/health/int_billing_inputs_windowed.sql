with

payments as (

    select * from {{ ref('int_payments_cured') }}

),

movements as (

    select * from {{ ref('int_mrr_movements_booked') }}

),

balances as (

    select * from {{ ref('int_account_balances_accumulated') }}

),

-- What pauses is not lost: it stands beside, as everywhere.
losses as (

    select
        account_id,
        effective_on,
        -sum(mrr_delta) as mrr_lost
    from movements
    where
        movement = 'contraction'
        and coalesce(sub_reason, '') not in (
            'paused', 'resumed', 'early_renewal_overlap'
        )
    group by account_id, effective_on
    having sum(mrr_delta) < 0

),

windowed as (

    select
        account_id,
        'payments' as input_name,
        attempted_on as counts_from,
        {{ days_after(var('payment_window_days'), 'attempted_on') }} as counts_to,
        {{ money('1') }} as amount
    from payments

    union all

    select
        account_id,
        'failed_payments' as input_name,
        attempted_on as counts_from,
        least(
            {{ days_after(var('payment_window_days'), 'attempted_on') }},
            coalesce(cured_on, {{ far_future() }})
        ) as counts_to,
        {{ money('1') }} as amount
    from payments
    where is_failed

    union all

    select
        account_id,
        'mrr_lost' as input_name,
        effective_on as counts_from,
        {{ days_after(var('mrr_loss_window_days'), 'effective_on') }} as counts_to,
        {{ money('mrr_lost') }} as amount
    from losses

    union all

    select
        account_id,
        'mrr' as input_name,
        valid_from as counts_from,
        coalesce(valid_to, {{ far_future() }}) as counts_to,
        mrr_at_last_change as amount
    from balances
    where mrr_at_last_change > 0

)

select * from windowed
where counts_from < counts_to
