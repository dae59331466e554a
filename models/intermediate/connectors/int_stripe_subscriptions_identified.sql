{# Revenue is never lost for want of a CRM account: an unmatched customer is its own
   account. #}
with

subscription_versions as (

    select * from {{ ref('stg_stripe__subscription_versions') }}

),

identities as (

    select * from {{ ref('int_account_identities_matched') }}

),

subscriptions as (

    select
        subscription_id,
        max_by(customer_id, captured_at) as customer_id
    from subscription_versions
    group by subscription_id

),

identified as (

    select
        subscriptions.subscription_id,
        subscriptions.customer_id,
        coalesce(
            identities.account_id, concat_ws(':', 'stripe', subscriptions.customer_id)
        ) as account_id
    from subscriptions
    left join identities
        on
            subscriptions.customer_id = identities.source_account_id
            and identities.source_system = 'stripe'

)

select * from identified
