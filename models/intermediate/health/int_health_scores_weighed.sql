{# The score before exceptions, the share of the policy behind it, and the reasons. #}
with

awaited as (

    select * from {{ ref('int_health_days_awaited') }}

),

policies as (

    select * from {{ ref('int_health_policies_dated') }}

),

scored as (

    select * from {{ ref('int_health_measures_scored') }}

),

summed as (

    select
        account_id,
        health_on,
        profile,
        {{ exact_sum('weight') }} as coverage_rate,
        {{ exact_sum('weight * measure_score') }} as weighted_points,
        min(measure_score) as worst_score,
        count(*) as measure_count,
        count(distinct family) as input_family_count,
        max(freshness_days) as stalest_input_days,
        max_by(measure, weight * (100 - measure_score) + 1e-9 * measure_number)
            as costliest_measure,
        max_by(measure, weight * (measure_score - 50) + 1e-9 * measure_number)
            as strongest_measure,
        max_by(measure, 100 - measure_score + 1e-9 * measure_number)
            as worst_measure
    from scored
    group by account_id, health_on, profile

),

joined as (

    select
        awaited.account_id,
        awaited.health_on,
        awaited.spell_key,
        policies.profile,
        policies.combining,
        policies.policy_version,
        policies.is_chosen,
        coalesce({{ within_rounding('summed.coverage_rate', 0, 1) }}, 0)
            as coverage_rate,
        coalesce(summed.measure_count, 0) as measure_count,
        coalesce(summed.input_family_count, 0) as input_family_count,
        summed.weighted_points,
        summed.worst_score,
        summed.stalest_input_days,
        summed.costliest_measure,
        summed.worst_measure,
        summed.strongest_measure,
        -- A public formula has no such floors: it scores whatever it finds.
        policies.is_reference
        or (
            summed.coverage_rate >= {{ var('min_coverage_rate') }}
            and summed.input_family_count >= {{ var('min_input_families') }}
        ) as is_enough
    from awaited
    inner join policies
        on awaited.health_on = policies.date_on
    left join summed
        on
            awaited.account_id = summed.account_id
            and awaited.health_on = summed.health_on
            and policies.profile = summed.profile

),

weighed as (

    select
        account_id,
        health_on,
        spell_key,
        profile,
        policy_version,
        is_chosen,
        case
            when is_enough and combining = 'worst' then worst_score
            when is_enough
                then {{ within_rounding(
                    ratio('weighted_points', 'coverage_rate'), 0, 100
                ) }}
        end as score_before_exceptions,
        coverage_rate,
        measure_count,
        input_family_count,
        stalest_input_days,
        case when combining = 'worst' then worst_measure else costliest_measure end
            as weakest_measure,
        strongest_measure
    from joined

)

select * from weighed
