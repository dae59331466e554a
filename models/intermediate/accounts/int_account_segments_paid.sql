{# The axes of segmentation alone, of all that revenue is read by. #}
with

balances as (

    select * from {{ ref('int_account_balances_accumulated') }}

),

segments as (

    select * from {{ ref('int_account_segments_assigned') }}

),

dimensions as (

    select * from {{ ref('segment_dimensions') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

paid as (

    select
        balances.account_id,
        dimensions.segment_dimension,
        greatest(balances.valid_from, segments.valid_from) as valid_from,
        nullif(
            least(
                coalesce(balances.valid_to, {{ far_future() }}),
                coalesce(segments.valid_to, {{ far_future() }})
            ),
            {{ far_future() }}
        ) as valid_to,
        case dimensions.segment_dimension
            when 'tier' then segments.tier
            when 'desired_outcome' then segments.desired_outcome
            when 'engagement_model' then segments.engagement_model
        end as segment_value
    from balances
    inner join segments
        on
            balances.account_id = segments.account_id
            and balances.valid_from < coalesce(segments.valid_to, {{ far_future() }})
            and segments.valid_from < coalesce(balances.valid_to, {{ far_future() }})
    inner join clock
        on
            balances.valid_from <= clock.as_of_on
            and segments.valid_from <= clock.as_of_on
    cross join dimensions
    where
        balances.mrr_at_last_change > 0
        and dimensions.segment_dimension
        in ('tier', 'desired_outcome', 'engagement_model')

)

select * from paid
