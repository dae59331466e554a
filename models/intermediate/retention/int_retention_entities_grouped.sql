{# A parent has the segments of its largest member and the cohort of its first. #}
with

members as (

    select * from {{ ref('int_retention_members_placed') }}

),

grouped as (

    select
        period_end_on,
        period_number,
        window_months,
        grain,
        entity_id,
        {{ money('sum(opening_mrr)') }} as opening_mrr,
        {{ money('sum(opening_mrr_graced)') }} as opening_mrr_graced,
        {{ money('sum(closing_mrr_raw)') }} as closing_mrr_raw,
        {{ money('sum(closing_mrr_constant)') }} as closing_mrr_constant,
        {{ money('sum(closing_mrr_graced)') }} as closing_mrr_graced,
        max_by(tier, size_rank) as tier,
        max_by(desired_outcome, size_rank) as desired_outcome,
        max_by(engagement_model, size_rank) as engagement_model,
        max_by(owner, size_rank) as owner,
        max_by(country, size_rank) as country,
        max_by(segment, size_rank) as segment,
        max_by(largest_product, size_rank) as largest_product,
        min(case when opening_mrr_graced > 0 then start_cohort end) as start_cohort
    from members
    group by period_end_on, period_number, window_months, grain, entity_id

)

select * from grouped
where opening_mrr_graced > 0
