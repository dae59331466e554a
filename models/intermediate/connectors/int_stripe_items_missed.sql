{# An item that was captured tells its own end; this is for those no run ever saw. #}
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

looks as (

    select * from {{ ref('stg_stripe__capture_looks') }}

),

charged as (

    select
        subscription_id,
        item_id,
        max(period_started_at) as last_charged_from
    from lines
    where not is_metered and not is_credit
    group by subscription_id, item_id

),

subscriptions_held as (

    select
        subscription_id,
        max(held_at) as held_at
    from items_held
    group by subscription_id

),

items_present as (

    select item_id
    from items_held

    union all

    select item_id
    from captures

),

items_missing as (

    select
        charged.item_id,
        charged.last_charged_from,
        subscriptions_held.held_at
    from charged
    inner join subscriptions_held
        on charged.subscription_id = subscriptions_held.subscription_id
    left join items_present
        on charged.item_id = items_present.item_id
    where items_present.item_id is null

),

items_missed as (

    select
        items_missing.item_id,
        min(looks.looked_at) is not null as is_captured,
        coalesce(min(looks.looked_at), min(items_missing.held_at)) as missed_at
    from items_missing
    left join looks
        on
            looks.entity = 'subscription_item'
            and items_missing.last_charged_from <= looks.looked_at
    group by items_missing.item_id

)

select * from items_missed
