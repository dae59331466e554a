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
        used_from as valid_from,
        used_to as valid_to,
        quantity,
        quantity_unit,
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
        trial_ends_on,
        notice_on,
        contract_end_on,
        notice_period_days,
        is_usage_based,
        evidence
    from checked
    where
        quarantine_rule is null
        and not is_empty_interval
        and not is_superseded
        and not is_one_off

)

select * from conformed
