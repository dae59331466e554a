{# A payment that is pending is neither made nor failed yet. #}
with

checked as (

    select * from {{ ref('int_payments_checked') }}

),

conformed as (

    select
        source_system,
        payment_id,
        account_id,
        attempted_at,
        status = 'failed' as is_failed,
        invoice_id,
        amount,
        currency
    from checked
    where
        quarantine_rule is null
        and not is_not_yet_known
        and status <> 'pending'

)

select * from conformed
