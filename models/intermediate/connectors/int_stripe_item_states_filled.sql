{# Not every evidence tells both price and quantity: the other is as last told, or as
   first told. A mere starting point counts only where the day has nothing better. #}
with

observations as (

    select * from {{ ref('int_stripe_item_observations_unioned') }}

),

judged as (

    select
        *,
        bool_or(not is_starting_point) over (
            partition by item_id, cast(observed_at as date)
        ) as is_day_told_better
    from observations

),

counted as (

    select
        *,
        count(price_id) over (
            partition by item_id
            order by observed_at, evidence_rank, quantity, source_file, source_line
            rows between unbounded preceding and current row
        ) as prices_told,
        count(quantity) over (
            partition by item_id
            order by observed_at, evidence_rank, quantity, source_file, source_line
            rows between unbounded preceding and current row
        ) as quantities_told
    from judged
    where not is_starting_point or not is_day_told_better

),

filled as (

    select
        subscription_id,
        item_id,
        observed_at,
        evidence_rank,
        max(price_id) over (
            partition by item_id, greatest(prices_told, 1)
        ) as price_id,
        max(quantity) over (
            partition by item_id, greatest(quantities_told, 1)
        ) as quantity,
        is_removed,
        evidence,
        source_file,
        source_line
    from counted

)

select * from filled
