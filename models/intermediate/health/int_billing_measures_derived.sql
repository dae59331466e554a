{# Null is missing, which is neither good nor bad. #}
with

inputs as (

    select * from {{ ref('int_billing_inputs_accumulated') }}

),

aged as (

    select
        *,
        {{ dbt.datediff('last_payment_on', 'health_on', 'day') }}
            as payment_days_ago,
        lost_mrr > 0
        or health_on
        >= {{ days_after(var('mrr_loss_window_days'), 'first_paid_on') }}
            as is_window_paid
    from inputs

),

derived as (

    select
        account_id,
        health_on,
        case
            when payment_count > 0 then cast(failed_payment_count as double)
        end as failed_payments,
        case
            when is_window_paid then {{ ratio('lost_mrr', 'lost_mrr + mrr') }}
        end as mrr_lost_rate,
        cast(case when payment_count > 0 then payment_days_ago end as bigint)
            as failed_payments_freshness_days,
        cast(case when is_window_paid and lost_mrr + mrr > 0 then 0 end as bigint)
            as mrr_lost_rate_freshness_days
    from aged

)

select * from derived
