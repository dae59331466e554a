{# As with subscriptions, a customer that no account claims is its own account. #}
with

charges as (

    select * from {{ ref('stg_stripe__charges') }}

),

identities as (

    select * from {{ ref('int_account_identities_matched') }}

),

shaped as (

    select
        charges.charge_id as payment_id,
        coalesce(
            identities.account_id, concat_ws(':', 'stripe', charges.customer_id)
        ) as account_id,
        charges.created_at as attempted_at,
        charges.status,
        charges.invoice_id,
        charges.amount,
        charges.currency,
        charges.source_file,
        charges.source_line
    from charges
    left join identities
        on
            charges.customer_id = identities.source_account_id
            and identities.source_system = 'stripe'

)

select * from shaped
