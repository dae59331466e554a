{# A failure is cured by a later success on its invoice; without one, by any success. #}
with

payments as (

    select * from {{ ref('int_payments_conformed') }}

),

followed as (

    select
        account_id,
        is_failed,
        invoice_id,
        cast(attempted_at as date) as attempted_on,
        min(case when not is_failed then cast(attempted_at as date) end) over (
            partition by source_system, account_id, invoice_id
            order by attempted_at, case when is_failed then 0 else 1 end, payment_id
            rows between 1 following and unbounded following
        ) as invoice_paid_on,
        min(case when not is_failed then cast(attempted_at as date) end) over (
            partition by source_system, account_id
            order by attempted_at, case when is_failed then 0 else 1 end, payment_id
            rows between 1 following and unbounded following
        ) as any_paid_on
    from payments

),

cured as (

    select
        account_id,
        is_failed,
        attempted_on,
        case
            when is_failed and invoice_id is null then any_paid_on
            when is_failed then invoice_paid_on
        end as cured_on
    from followed

)

select * from cured
