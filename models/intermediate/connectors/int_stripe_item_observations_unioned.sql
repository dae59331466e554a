{# At one instant the higher rank is believed: a charge over the credit for what it
   replaces, a live bill over a void one. #}
with

lines as (

    select * from {{ ref('int_stripe_lines_filtered') }}

),

quantities_captured as (

    select * from {{ ref('int_stripe_item_quantities_captured') }}

),

items_held as (

    select * from {{ ref('int_stripe_items_held') }}

),

captures as (

    select * from {{ ref('int_stripe_item_captures_dated') }}

),

removals as (

    select * from {{ ref('int_stripe_item_removals_inferred') }}

),

unioned as (

    select
        subscription_id,
        item_id,
        period_started_at as observed_at,
        case
            when is_void then 2
            when not is_proration then 3
            when amount < 0 then 5
            else 6
        end as evidence_rank,
        price_id,
        quantity,
        is_proration and amount < 0 as is_removed,
        false as is_starting_point,
        case when is_proration then 'proration_line' else 'invoice_line' end
            as evidence,
        source_file,
        source_line
    from lines

    union all

    select
        subscription_id,
        item_id,
        observed_at,
        case when is_first then 1 else 7 end as evidence_rank,
        cast(null as string) as price_id,
        quantity,
        false as is_removed,
        is_first as is_starting_point,
        'subscription_history' as evidence,
        source_file,
        source_line
    from quantities_captured

    union all

    select
        subscription_id,
        item_id,
        created_at as observed_at,
        0 as evidence_rank,
        cast(null as string) as price_id,
        cast(null as decimal(18, 2)) as quantity,
        false as is_removed,
        true as is_starting_point,
        'current_item' as evidence,
        source_file,
        source_line
    from items_held
    where created_at is not null

    union all

    select
        subscription_id,
        item_id,
        held_at as observed_at,
        9 as evidence_rank,
        price_id,
        quantity,
        false as is_removed,
        false as is_starting_point,
        'current_item' as evidence,
        source_file,
        source_line
    from items_held

    union all

    select
        subscription_id,
        item_id,
        removed_at as observed_at,
        4 as evidence_rank,
        cast(null as string) as price_id,
        cast(null as decimal(18, 2)) as quantity,
        true as is_removed,
        false as is_starting_point,
        evidence,
        cast(null as string) as source_file,
        cast(null as bigint) as source_line
    from removals

    union all

    select
        subscription_id,
        item_id,
        observed_at,
        evidence_rank,
        price_id,
        quantity,
        is_gone as is_removed,
        is_starting_point,
        'captured' as evidence,
        cast(null as string) as source_file,
        cast(null as bigint) as source_line
    from captures

)

select * from unioned
