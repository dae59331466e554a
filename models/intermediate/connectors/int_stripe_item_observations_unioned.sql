{# At one instant the higher rank is believed. A charge says what holds from then on; a
   credit ends an item only where nothing of it comes after. A void bill says nothing. #}
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

-- What is given back at its own begin never held.
lines_live as (

    select
        *,
        bool_or(is_credit) over (
            partition by
                item_id, price_id, quantity, period_started_at, period_ends_at
        ) as is_taken_back,
        max(case when not is_credit then period_started_at end) over (
            partition by item_id
        ) as last_charged_from
    from lines
    where not is_void

),

lines_compared as (

    select
        *,
        max(
            case
                when not is_credit and period_started_at = last_charged_from
                    then period_ends_at
            end
        ) over (partition by item_id) as last_charged_until,
        bool_or(not is_credit and period_started_at = last_charged_from) over (
            partition by item_id, price_id, quantity
        ) as is_last_charged
    from lines_live

),

-- Stripe gives no id twice: what is charged or held later was never gone. Of a change
-- the credit may be a second late: it is of another price, quantity or end.
lines_told as (

    select
        lines_compared.*,
        lines_compared.is_credit
        and lines_compared.period_started_at > lines_compared.last_charged_from
        and lines_compared.period_ends_at = lines_compared.last_charged_until
        and (
            lines_compared.is_last_charged
            or cast(lines_compared.period_started_at as date)
            > cast(lines_compared.last_charged_from as date)
        )
        and (
            items_held.item_id is null
            or items_held.held_at < lines_compared.period_started_at
        ) as is_ending
    from lines_compared
    left join items_held
        on lines_compared.item_id = items_held.item_id

),

unioned as (

    select
        subscription_id,
        item_id,
        period_started_at as observed_at,
        case
            when is_ending then 5
            when is_taken_back then 1
            when not coalesce(is_proration, false) then 3
            when amount = 0 then 2
            else 6
        end as evidence_rank,
        price_id,
        quantity,
        is_ending as is_removed,
        false as is_starting_point,
        case when is_proration then 'proration_line' else 'invoice_line' end
            as evidence,
        source_file,
        source_line
    from lines_told
    where is_ending or not is_credit

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
