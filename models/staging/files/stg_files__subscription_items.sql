with

source as (

    select * from {{ source('files', 'subscription_items') }}

),

renamed as (

    select
        cast(item_id as string) as item_id,
        cast(coalesce(subscription_id, item_id) as string) as subscription_id,
        cast(account_id as string) as account_id,
        cast(product as string) as product,
        cast(plan as string) as plan,
        cast(valid_from as date) as valid_from,
        {{ first_day_after('valid_to') }} as valid_to,
        cast(quantity as decimal(18, 2)) as quantity,
        cast(quantity_unit as string) as quantity_unit,
        cast(unit_amount as decimal(18, 6)) as unit_amount,
        upper(cast(currency as string)) as currency,
        cast(billing_interval as string) as billing_interval,
        cast(interval_count as bigint) as interval_count,
        cast(discount_percent as decimal(9, 4)) as discount_percent,
        cast(discount_amount as decimal(18, 6)) as discount_amount,
        cast(discount_kind as string) as discount_kind,
        cast(discount_from as date) as discount_from,
        {{ first_day_after('discount_to') }} as discount_to,
        cast(status as string) as status,
        cast(trial_ends_on as date) as trial_ends_on,
        cast(notice_on as date) as notice_on,
        cast(contract_end_on as date) as contract_end_on,
        cast(notice_period_days as bigint) as notice_period_days,
        cast(usage_based as boolean)
        or coalesce(cast(quantity_unit as string) = 'usage', false) as is_usage_based,
        cast(modified_at as timestamp) as modified_at,
        _file as source_file,
        _line as source_line
    from source

)

select * from renamed
