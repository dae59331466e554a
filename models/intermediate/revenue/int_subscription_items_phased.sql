{# Cuts a version where its discount begins or ends. #}
with

items as (

    select * from {{ ref('int_subscription_items_conformed') }}

),

discounted as (

    select
        *,
        coalesce(valid_to, {{ far_future() }}) as ends_on,
        discount_kind = 'recurring'
        and (discount_percent > 0 or discount_amount > 0) as has_discount
    from items

),

-- Without a discount the phase before it is the whole version.
bounded as (

    select
        *,
        case
            when has_discount
                then least(
                    greatest(valid_from, coalesce(discount_from, valid_from)), ends_on
                )
            else ends_on
        end as discount_starts_on,
        case
            when has_discount
                then least(
                    greatest(valid_from, coalesce(discount_to, {{ far_future() }})),
                    ends_on
                )
            else ends_on
        end as discount_ends_on
    from discounted

),

phase_kinds as (

    select 'before' as phase_kind

    union all

    select 'during' as phase_kind

    union all

    select 'after' as phase_kind

),

phases as (

    select
        bounded.*,
        case phase_kinds.phase_kind
            when 'before' then bounded.valid_from
            when 'during' then bounded.discount_starts_on
            else greatest(bounded.discount_starts_on, bounded.discount_ends_on)
        end as phase_from,
        case phase_kinds.phase_kind
            when 'before' then bounded.discount_starts_on
            when 'during' then bounded.discount_ends_on
            else bounded.ends_on
        end as phase_to,
        phase_kinds.phase_kind = 'during' as is_discounted
    from bounded
    cross join phase_kinds

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
