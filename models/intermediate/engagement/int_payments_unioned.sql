with

file_payments as (

    select * from {{ ref('stg_files__payments') }}

),

stripe_payments as (

    select * from {{ ref('int_stripe_payments_shaped') }}

),

labelled as (

    select
        'files' as source_system,
        *
    from file_payments

    union all

    select
        'stripe' as source_system,
        *
    from stripe_payments

),

unioned as (

    select
        source_system,
        payment_id,
        account_id,
        attempted_at,
        status,
        invoice_id,
        amount,
        currency,
        source_file,
        source_line
    from labelled

)

select * from unioned
