{# Stripe drops an item without a trace: it is missing from later bills, or from what
   is held now. #}
with

lines as (

    select * from {{ ref('int_stripe_lines_filtered') }}

),

items_held as (

    select * from {{ ref('int_stripe_items_held') }}

),

captures as (

    select * from {{ ref('int_stripe_item_captures_dated') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

charged as (

    select *
    from lines
    where
        not is_metered
        and (not is_proration or amount >= 0)

),

items_covered as (

    select
        subscription_id,
        item_id,
        max(period_ends_at) as covered_until
    from charged
    group by subscription_id, item_id

),

subscriptions_billed as (

    select
        subscription_id,
        max(period_started_at) as last_billed_from
    from charged
    where not is_proration
    group by subscription_id

),

subscriptions_held as (

    select
        subscription_id,
        max(held_at) as held_at
    from items_held
    group by subscription_id

),

items_gone as (

    select item_id
    from captures
    where is_gone

),

judged as (

    select
        items_covered.subscription_id,
        items_covered.item_id,
        items_covered.covered_until,
        least(items_covered.covered_until, clock.as_of_at) as covered_until_now,
        subscriptions_held.held_at,
        coalesce(
            subscriptions_billed.last_billed_from >= items_covered.covered_until, false
        ) as is_left_out_of_bill,
        subscriptions_held.subscription_id is not null
        and items_held.item_id is null
        and items_gone.item_id is null as is_held_no_more
    from items_covered
    cross join clock
    left join subscriptions_billed
        on items_covered.subscription_id = subscriptions_billed.subscription_id
    left join subscriptions_held
        on items_covered.subscription_id = subscriptions_held.subscription_id
    left join items_held
        on items_covered.item_id = items_held.item_id
    left join items_gone
        on items_covered.item_id = items_gone.item_id

),

inferred as (

    select
        subscription_id,
        item_id,
        case
            when covered_until_now = covered_until then covered_until
            else held_at
        end as removed_at,
        case
            when is_left_out_of_bill then 'invoice_line'
            else 'current_item'
        end as evidence
    from judged
    where is_left_out_of_bill or is_held_no_more

)

select * from inferred
