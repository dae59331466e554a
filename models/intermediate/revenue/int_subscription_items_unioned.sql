with

file_items as (

    select
        *,
        'files' as source_system,
        'stated' as evidence
    from {{ ref('stg_files__subscription_items') }}

),

stripe_items as (

    select
        *,
        'stripe' as source_system
    from {{ ref('int_stripe_subscription_items_rebuilt') }}

),

unioned as (

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
        modified_at,
        source_file,
        source_line,
        evidence
    from file_items

    union all

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
        cast(null as date) as trial_ends_on,
        notice_on,
        contract_end_on,
        notice_period_days,
        is_usage_based,
        cast(null as timestamp) as modified_at,
        source_file,
        source_line,
        evidence
    from stripe_items

)

select * from unioned
