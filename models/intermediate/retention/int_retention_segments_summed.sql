with

entities as (

    select * from {{ ref('int_retention_entities_scored') }}

),

segment_dimensions as (

    select * from {{ ref('segment_dimensions') }}

),

segmented as (

    select
        entities.*,
        segment_dimensions.segment_dimension,
        {{ segment_value('segment_dimensions.segment_dimension') }} as segment_value
    from entities
    cross join segment_dimensions
    where segment_dimensions.is_cut_in_retention

),

summed as (

    select
        period_end_on,
        period_number,
        window_months,
        grain,
        policy,
        segment_dimension,
        segment_value,
        {{ money('sum(opening_mrr)') }} as opening_mrr,
        {{ money('sum(expansion_mrr)') }} as expansion_mrr,
        {{ money('sum(contraction_mrr)') }} as contraction_mrr,
        {{ money('sum(churned_mrr)') }} as churned_mrr,
        {{ money('sum(reactivation_mrr)') }} as reactivation_mrr,
        {{ money('sum(paused_mrr)') }} as paused_mrr,
        count(*) as opening_accounts,
        sum(retained_count) as retained_accounts
    from segmented
    group by
        period_end_on,
        period_number,
        window_months,
        grain,
        policy,
        segment_dimension,
        segment_value

)

select * from summed
