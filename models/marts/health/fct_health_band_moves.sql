with

changes as (

    select * from {{ ref('fct_account_health_changes') }}

),

weightings as (

    select 'accounts' as weighted_by

    union all

    select 'mrr' as weighted_by

),

dimensions as (

    select 'all' as segment_dimension

    union all

    select 'tier' as segment_dimension

    union all

    select 'desired_outcome' as segment_dimension

    union all

    select 'engagement_model' as segment_dimension

),

by_dimension as (

    select
        changes.*,
        dimensions.segment_dimension,
        case dimensions.segment_dimension
            when 'tier' then changes.opening_tier
            when 'desired_outcome' then changes.opening_desired_outcome
            when 'engagement_model' then changes.opening_engagement_model
            else case when changes.opening_band is not null then 'all' end
        end as opening_segment,
        case dimensions.segment_dimension
            when 'tier' then changes.closing_tier
            when 'desired_outcome' then changes.closing_desired_outcome
            when 'engagement_model' then changes.closing_engagement_model
            else case when changes.closing_band is not null then 'all' end
        end as closing_segment
    from changes
    cross join dimensions

),

sides as (

    select
        health_on,
        comparison,
        compared_on,
        opening_band,
        closing_band,
        opening_score,
        closing_score,
        opening_mrr,
        closing_mrr,
        segment_dimension,
        closing_segment as segment_value,
        case
            when opening_segment is null then 'joined'
            when opening_segment = closing_segment then 'stayed'
            else 'moved_in'
        end as membership,
        coalesce(opening_segment = closing_segment, false) as is_there_before,
        true as is_there_after
    from by_dimension
    where closing_segment is not null

    union all

    select
        health_on,
        comparison,
        compared_on,
        opening_band,
        closing_band,
        opening_score,
        closing_score,
        opening_mrr,
        closing_mrr,
        segment_dimension,
        opening_segment as segment_value,
        case when closing_segment is null then 'left' else 'moved_out' end
            as membership,
        true as is_there_before,
        false as is_there_after
    from by_dimension
    where coalesce(opening_segment <> closing_segment, opening_segment is not null)

),

weighed as (

    select
        sides.*,
        weightings.weighted_by,
        case
            when not sides.is_there_before then 0
            when weightings.weighted_by = 'accounts' then 1
            else cast(sides.opening_mrr as double)
        end as opening_weight,
        case
            when not sides.is_there_after then 0
            when weightings.weighted_by = 'accounts' then 1
            else cast(sides.closing_mrr as double)
        end as closing_weight
    from sides
    cross join weightings

),

contracted as (

    select
        cast(health_on as date) as health_on,
        cast(comparison as string) as comparison,
        cast(compared_on as date) as compared_on,
        cast(segment_dimension as string) as segment_dimension,
        cast(segment_value as string) as segment_value,
        cast(weighted_by as string) as weighted_by,
        cast(membership as string) as membership,
        cast(case when is_there_before then opening_band end as string)
            as opening_band,
        cast(case when is_there_after then closing_band end as string)
            as closing_band,

        cast(count(*) as bigint) as account_count,
        {{ exact_sum('opening_weight') }} as opening_weight,
        {{ exact_sum('closing_weight') }} as closing_weight,
        {{ exact_sum('opening_weight * coalesce(opening_score, 0)') }}
            as opening_points,
        {{ exact_sum('closing_weight * coalesce(closing_score, 0)') }}
            as closing_points,
        {{ exact_sum('opening_weight * coalesce(closing_score, 0)') }}
            as closing_points_reweighed
    from weighed
    group by
        health_on, comparison, compared_on, segment_dimension, segment_value,
        weighted_by, membership, case when is_there_before then opening_band end,
        case when is_there_after then closing_band end

)

select * from contracted
