{# Licensed items come first in position: lone quantities are theirs. #}
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

seen as (

    select
        subscription_id,
        item_id,
        period_started_at as seen_at,
        is_metered
    from lines

    union all

    select
        subscription_id,
        item_id,
        coalesce(created_at, held_at) as seen_at,
        is_metered
    from items_held

    union all

    select
        subscription_id,
        item_id,
        observed_at as seen_at,
        is_metered
    from captures

),

items as (

    select
        subscription_id,
        item_id,
        bool_or(is_metered) as is_metered,
        min(seen_at) as first_seen_at
    from seen
    group by subscription_id, item_id

),

listed as (

    select
        subscription_id,
        item_id,
        row_number() over (
            partition by subscription_id
            order by is_metered, first_seen_at, item_id
        ) as item_position,
        first_seen_at,
        lead(first_seen_at) over (
            partition by subscription_id, is_metered
            order by first_seen_at, item_id
        ) as next_item_seen_at,
        is_metered
    from items

)

select * from listed
