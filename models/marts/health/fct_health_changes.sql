{# Within: all keep their weight of the opening. Other accounts, and other weights,
   count by how far they are from the level of the opening. #}
with

moves as (

    select * from {{ ref('fct_health_band_moves') }}

),

policy_bands as (

    select * from {{ ref('health_bands') }}

),

measures as (

    select 'score' as measure

    union

    select 'unknown' as measure

    union

    select health_band as measure
    from policy_bands

),

measured as (

    select
        moves.*,
        measures.measure,
        measures.measure = 'score'
        and moves.membership = 'stayed'
        and (moves.opening_band = 'unknown') <> (moves.closing_band = 'unknown')
            as is_scored_on_one_day,
        case
            when measures.measure <> 'score' or moves.opening_band <> 'unknown'
                then moves.opening_weight
            else 0
        end as weight_before,
        case
            when measures.measure <> 'score' or moves.closing_band <> 'unknown'
                then moves.closing_weight
            else 0
        end as weight_after,
        case measures.measure
            when 'score' then moves.opening_points
            when moves.opening_band then moves.opening_weight
            else 0
        end as points_before,
        case measures.measure
            when 'score' then moves.closing_points
            when moves.closing_band then moves.closing_weight
            else 0
        end as points_after,
        case measures.measure
            when 'score' then moves.closing_points_reweighed
            when moves.closing_band then moves.opening_weight
            else 0
        end as points_after_reweighed
    from moves
    cross join measures

),

totalled as (

    select
        *,
        sum(cast(weight_before as decimal(38, 12))) over segment_measures
            as all_before,
        sum(cast(weight_after as decimal(38, 12))) over segment_measures as all_after,
        {{ ratio(
            'sum(cast(points_before as decimal(38, 12))) over segment_measures',
            'sum(cast(weight_before as decimal(38, 12))) over segment_measures'
        ) }} as level_before,
        {{ ratio(
            'sum(cast(points_after as decimal(38, 12))) over segment_measures',
            'sum(cast(weight_after as decimal(38, 12))) over segment_measures'
        ) }} as level_after
    from measured
    window segment_measures as (
        partition by
            health_on, comparison, segment_dimension, segment_value, weighted_by,
            measure
    )

),

split as (

    select
        *,
        case
            when membership = 'stayed' and not is_scored_on_one_day
                then {{ ratio('points_after_reweighed - points_before', 'all_before') }}
            else 0
        end as within_change,
        {{ ratio('points_after', 'all_after') }}
        - {{ ratio('points_before', 'all_before') }}
        - level_before * (
            {{ ratio('weight_after', 'all_after') }}
            - {{ ratio('weight_before', 'all_before') }}
        ) as part_change
    from totalled
    where
        all_before > 0
        and all_after > 0

),

contracted as (

    select
        cast(health_on as date) as health_on,
        cast(comparison as string) as comparison,
        cast(compared_on as date) as compared_on,
        cast(segment_dimension as string) as segment_dimension,
        cast(segment_value as string) as segment_value,
        cast(weighted_by as string) as weighted_by,
        cast(measure as string) as measure,

        max(level_before) as opening_value,
        max(level_after) as closing_value,
        max(level_after) - max(level_before) as value_change,
        {{ exact_sum('within_change') }} as within_change,
        {{ exact_sum('part_change - within_change') }} as mix_change,
        {{ exact_sum("case when membership = 'joined' then part_change else 0 end") }}
            as joined_change,
        {{ exact_sum("case when membership = 'left' then part_change else 0 end") }}
            as left_change,
        {{ exact_sum("case when membership like 'mov%' then part_change else 0 end") }}
            as moved_change,
        {{ exact_sum("case when is_scored_on_one_day then part_change else 0 end") }}
            as scored_change,
        {{ exact_sum("case when membership = 'stayed' and not is_scored_on_one_day
            then part_change - within_change else 0 end") }} as weight_change
    from split
    group by
        health_on, comparison, compared_on, segment_dimension, segment_value,
        weighted_by, measure

)

select * from contracted
