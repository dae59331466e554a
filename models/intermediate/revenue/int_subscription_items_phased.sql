{# Cuts a version where its trial ends, and where its discount begins or ends. #}
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

-- Until its trial ends a version pays nothing, from then on what it says.
tried as (

    select
        *,
        least(
            greatest(valid_from, coalesce(trial_ends_on, valid_from)), ends_on
        ) as paid_from
    from discounted

),

-- Without a discount the phase before it is the whole version.
bounded as (

    select
        *,
        case
            when has_discount
                then least(
                    greatest(paid_from, coalesce(discount_from, paid_from)), ends_on
                )
            else ends_on
        end as discount_starts_on,
        case
            when has_discount
                then least(
                    greatest(paid_from, coalesce(discount_to, {{ far_future() }})),
                    ends_on
                )
            else ends_on
        end as discount_ends_on
    from tried

),

phase_kinds as (

    select 'trial' as phase_kind

    union all

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
            when 'trial' then bounded.valid_from
            when 'before' then bounded.paid_from
            when 'during' then bounded.discount_starts_on
            else greatest(bounded.discount_starts_on, bounded.discount_ends_on)
        end as phase_from,
        case phase_kinds.phase_kind
            when 'trial' then bounded.paid_from
            when 'before' then bounded.discount_starts_on
            when 'during' then bounded.discount_ends_on
            else bounded.ends_on
        end as phase_to,
        phase_kinds.phase_kind = 'during' as is_discounted,
        phase_kinds.phase_kind = 'trial' as is_trial
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
        quantity_unit,
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
        case
            when is_trial then 'trialing'
            when status = 'trialing' and trial_ends_on is not null then 'active'
            else status
        end as status,
        notice_on,
        contract_end_on,
        notice_period_days,
        is_usage_based
    from phases
    where phase_from < phase_to

)

select * from phased
