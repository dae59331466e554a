{# Stripe drops an item without a trace: it is missing from later bills, or from what
   a run saw. One that was ever captured tells its own end. #}
with

lines as (

    select * from {{ ref('int_stripe_lines_filtered') }}

),

items_missed as (

    select * from {{ ref('int_stripe_items_missed') }}

),

charged as (

    select
        *,
        max(period_started_at) over (partition by item_id) as last_charged_from
    from lines
    where
        not is_metered
        and not is_credit

),

-- A year that was switched to a month ends with the month.
items_covered as (

    select
        subscription_id,
        item_id,
        max(period_ends_at) as covered_until
    from charged
    where period_started_at = last_charged_from
    group by subscription_id, item_id

),

subscriptions_billed as (

    select
        subscription_id,
        max(period_started_at) as last_billed_from
    from charged
    where not coalesce(is_proration, false)
    group by subscription_id

),

judged as (

    select
        items_covered.subscription_id,
        items_covered.item_id,
        items_covered.covered_until,
        items_missed.missed_at,
        items_missed.is_captured,
        coalesce(
            subscriptions_billed.last_billed_from >= items_covered.covered_until, false
        ) as is_left_out_of_bill
    from items_covered
    left join subscriptions_billed
        on items_covered.subscription_id = subscriptions_billed.subscription_id
    left join items_missed
        on items_covered.item_id = items_missed.item_id

),

inferred as (

    select
        subscription_id,
        item_id,
        least(covered_until, missed_at) as removed_at,
        case
            when missed_at < covered_until and is_captured
                then 'captured'
            when is_left_out_of_bill then 'invoice_line'
            else 'current_item'
        end as evidence
    from judged
    where is_left_out_of_bill or missed_at is not null

)

select * from inferred
