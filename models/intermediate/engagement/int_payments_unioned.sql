with

file_payments as (

    select * from {{ ref('stg_files__payments') }}

),

stripe_payments as (

    select * from {{ ref('int_stripe_payments_shaped') }}

),

unioned as (

    select
        'files' as source_system,
        payment_id,
        account_id,
        attempted_at,
        status,
        invoice_id,
        amount,
        currency,
        source_file,
        source_line
    from file_payments

    union all

    select
        'stripe' as source_system,
        payment_id,
        account_id,
        attempted_at,
        status,
        invoice_id,
        amount,
        currency,
        source_file,
        source_line
    from stripe_payments

)

select * from unioned
