{# A line that went on is compared with itself; what came or went, by product. #}
with

lines as (

    select * from {{ ref('int_mrr_lines_accumulated') }}

),

account_days as (

    select * from {{ ref('int_account_days_classified') }}

),

pauses as (

    select * from {{ ref('int_paused_mrr_accumulated') }}

),

paired as (

    select
        lines.*,
        case
            when lines.mrr_before > 0 and lines.mrr_after > 0
                then lines.subscription_id
            else ''
        end as compared_subscription_id
    from lines
    inner join account_days
        on
            lines.account_id = account_days.account_id
            and lines.effective_on = account_days.effective_on
    where account_days.sub_reason is null

),

compared as (

    select
        account_id,
        effective_on,
        currency,
        product,
        compared_subscription_id,
        {{ money('sum(mrr_before)') }} as mrr_before,
        {{ money('sum(mrr_after)') }} as mrr_after,
        {{ money('sum(gross_before)') }} as gross_before,
        {{ money('sum(gross_after)') }} as gross_after,
        cast(sum(quantity_before) as decimal(18, 2)) as quantity_before,
        cast(sum(quantity_after) as decimal(18, 2)) as quantity_after,
        cast(sum(seats_before) as decimal(18, 2)) as seats_before,
        cast(sum(seats_after) as decimal(18, 2)) as seats_after,
        coalesce(max(ended_plan) <> max(started_plan), false) as is_plan_changed,
        coalesce(max(ended_unit_mrr) <> max(started_unit_mrr), false)
            as is_price_changed,
        coalesce(max(ended_discount) <> max(started_discount), false)
            as is_discount_changed
    from paired
    group by account_id, effective_on, currency, product, compared_subscription_id

),

flagged as (

    select
        compared.*,
        compared.mrr_before > 0 and compared.mrr_after > 0 as is_continuing,
        least(greatest(compared.mrr_before - compared.mrr_after, 0), pauses.taken_mrr)
            as paused_part,
        least(
            greatest(compared.mrr_after - compared.mrr_before, 0),
            greatest(-pauses.held_delta, 0)
        ) as resumed_part
    from compared
    inner join pauses
        on
            compared.account_id = pauses.account_id
            and compared.effective_on = pauses.effective_on
            and compared.currency = pauses.currency
            and compared.product is not distinct from pauses.product

)

select * from flagged
