{# Cuts a version where its discount begins or ends. #}
with

items as (

    select * from {{ ref('int_subscription_items_conformed') }}

),

bounded as (

    select
        *,
        coalesce(valid_to, {{ far_future() }}) as ends_on,
        discount_kind = 'recurring'
        and (discount_percent > 0 or discount_amount > 0) as has_discount,
        least(
            greatest(valid_from, coalesce(discount_from, valid_from)),
            coalesce(valid_to, {{ far_future() }})
        ) as discount_starts_on,
        least(
            greatest(valid_from, coalesce(discount_to, {{ far_future() }})),
            coalesce(valid_to, {{ far_future() }})
        ) as discount_ends_on
    from items

),

phases as (

    select
        *,
        valid_from as phase_from,
        discount_starts_on as phase_to,
        false as is_discounted
    from bounded
    where has_discount

    union all

    select
        *,
        discount_starts_on as phase_from,
        discount_ends_on as phase_to,
        true as is_discounted
    from bounded
    where has_discount

    union all

    select
        *,
        greatest(discount_starts_on, discount_ends_on) as phase_from,
        ends_on as phase_to,
        false as is_discounted
    from bounded
    where has_discount

    union all

    select
        *,
        valid_from as phase_from,
        ends_on as phase_to,
        false as is_discounted
    from bounded
    where not has_discount

),

phased as (

    select
        source_system,
        item_id,
        subscription_id,
        account_id,
        product,
        plan,
        phase_from as valid_from,
        nullif(phase_to, {{ far_future() }}) as valid_to,
        quantity,
        unit_amount,
        currency,
        billing_interval,
        interval_count,
        cast(
            case when is_discounted then discount_percent else 0 end as decimal(9, 4)
        ) as discount_percent,
        cast(
            case when is_discounted then discount_amount else 0 end as decimal(18, 6)
        ) as discount_amount,
        status,
        notice_on,
        contract_end_on,
        notice_period_days,
        is_usage_based
    from phases
    where phase_from < phase_to

)

select * from phased
