with

checked as (

    select * from {{ ref('int_subscription_items_checked') }}

),

conformed as (

    select
        source_system,
        item_id,
        subscription_id,
        account_id,
        product,
        plan,
        valid_from,
        valid_to,
        quantity,
        unit_amount,
        currency,
        billing_interval,
        interval_count,
        discount_percent,
        discount_amount,
        discount_kind,
        discount_from,
        discount_to,
        status,
        notice_on,
        contract_end_on,
        notice_period_days,
        is_usage_based,
        evidence
    from checked
    where
        quarantine_rule is null
        and not is_empty_interval

)

select * from conformed
