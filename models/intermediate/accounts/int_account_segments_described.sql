{# Every dimension that revenue is read by, never null, between two changes. #}
with

segments as (

    select * from {{ ref('int_account_segments_assigned') }}

),

products as (

    select * from {{ ref('int_account_largest_products_found') }}

),

account_days as (

    select * from {{ ref('int_account_days_netted') }}

),

first_days as (

    select
        account_id,
        min(effective_on) as first_paid_on
    from account_days
    where is_paying_after
    group by account_id

),

change_days as (

    select
        account_id,
        valid_from
    from segments

    union

    select
        account_id,
        valid_from
    from products

),

intervals as (

    select
        account_id,
        valid_from,
        lead(valid_from) over (
            partition by account_id
            order by valid_from
        ) as valid_to
    from change_days

),

described as (

    select
        intervals.account_id,
        intervals.valid_from,
        intervals.valid_to,
        segments.ultimate_parent_id,
        segments.tier,
        segments.desired_outcome,
        segments.engagement_model,
        coalesce(segments.owner_id, 'unknown') as owner,
        coalesce(segments.country, 'unknown') as country,
        coalesce(segments.segment, 'unknown') as segment,
        coalesce(products.largest_product, 'none') as largest_product,
        coalesce(
            substring(cast(first_days.first_paid_on as string), 1, 7), 'none'
        ) as start_cohort,
        first_days.first_paid_on
    from intervals
    inner join segments
        on
            intervals.account_id = segments.account_id
            and intervals.valid_from >= segments.valid_from
            and intervals.valid_from < coalesce(segments.valid_to, {{ far_future() }})
    left join products
        on
            intervals.account_id = products.account_id
            and intervals.valid_from >= products.valid_from
            and intervals.valid_from < coalesce(products.valid_to, {{ far_future() }})
    left join first_days
        on intervals.account_id = first_days.account_id

)

select * from described
