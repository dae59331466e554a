{# What each entity kept, gained and lost, a row per policy and segment dimension. #}
with

entities as (

    select * from {{ ref('int_retention_entities_grouped') }}

),

by_policy as (

    select
        *,
        'raw' as policy,
        closing_mrr_raw as retained_mrr
    from entities

    union all

    select
        *,
        'constant_currency' as policy,
        closing_mrr_constant as retained_mrr
    from entities

),

by_segment as (

    select
        *,
        'all' as segment_dimension,
        'all' as segment_value
    from by_policy

    union all

    select
        *,
        'tier' as segment_dimension,
        tier as segment_value
    from by_policy

    union all

    select
        *,
        'desired_outcome' as segment_dimension,
        desired_outcome as segment_value
    from by_policy

    union all

    select
        *,
        'engagement_model' as segment_dimension,
        engagement_model as segment_value
    from by_policy

),

scored as (

    select
        period_end_on,
        window_months,
        grain,
        policy,
        segment_dimension,
        segment_value,
        entity_id,
        opening_mrr,
        retained_mrr,
        greatest(retained_mrr - opening_mrr, 0) as expansion_mrr,
        case
            when retained_mrr > 0 then least(retained_mrr - opening_mrr, 0)
            else 0
        end as contraction_mrr,
        case when retained_mrr = 0 then -opening_mrr else 0 end as churned_mrr,
        case when retained_mrr > 0 then 1 else 0 end as retained_count
    from by_segment

)

select * from scored
