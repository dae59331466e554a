{# The last state of a day holds from that day until the next change. #}
with

states_filled as (

    select * from {{ ref('int_stripe_item_states_filled') }}

),

compared as (

    select
        *,
        lag(item_id) over (
            partition by item_id
            order by observed_at, evidence_rank, quantity, source_file, source_line
        ) is null as is_first,
        lag(price_id) over (
            partition by item_id
            order by observed_at, evidence_rank, quantity, source_file, source_line
        ) as previous_price_id,
        lag(quantity) over (
            partition by item_id
            order by observed_at, evidence_rank, quantity, source_file, source_line
        ) as previous_quantity,
        lag(is_removed) over (
            partition by item_id
            order by observed_at, evidence_rank, quantity, source_file, source_line
        ) as was_removed
    from states_filled

),

changed as (

    select
        *,
        row_number() over (
            partition by item_id, cast(observed_at as date)
            order by
                observed_at desc,
                evidence_rank desc,
                quantity desc,
                source_file desc,
                source_line desc
        ) as latest_rank
    from compared
    where
        is_first
        or price_id is distinct from previous_price_id
        or quantity is distinct from previous_quantity
        or is_removed is distinct from was_removed

),

ordered as (

    select
        subscription_id,
        item_id,
        cast(observed_at as date) as valid_from,
        lead(cast(observed_at as date)) over (
            partition by item_id
            order by observed_at
        ) as valid_to,
        price_id,
        quantity,
        is_removed,
        evidence,
        source_file,
        source_line
    from changed
    where latest_rank = 1

)

select * from ordered
