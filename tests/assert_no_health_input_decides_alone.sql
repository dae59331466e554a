-- A row is a set of weights of our own that one input or one family could decide.
with

profiles as (

    select * from {{ ref('health_profiles') }}

),

weights as (

    select * from {{ ref('health_weights') }}

),

measures as (

    select * from {{ ref('health_measures') }}

),

families as (

    select
        measure,
        max_by(family, valid_from) as measure_family
    from measures
    group by measure

),

by_family as (

    select
        weights.profile,
        weights.engagement_model,
        weights.valid_from,
        families.measure_family,
        sum(weights.weight) as family_weight,
        max(weights.weight) as largest_weight
    from weights
    inner join profiles
        on weights.profile = profiles.profile
    inner join families
        on weights.measure = families.measure
    where not profiles.is_reference
    group by
        weights.profile,
        weights.engagement_model,
        weights.valid_from,
        families.measure_family

),

-- At the least coverage that is scored, one input must still weigh half at most.
narrow as (

    select
        profile,
        engagement_model,
        valid_from,
        count(*) as family_count,
        max(family_weight) as largest_family_weight,
        max(largest_weight) as largest_weight
    from by_family
    group by profile, engagement_model, valid_from
    having
        count(*) < {{ var('min_input_families') }}
        or not {{ nearly_at_most('max(family_weight)', 0.75) }}
        or not {{ nearly_at_most(
            'max(largest_weight)', 0.5 * var('min_coverage_rate')
        ) }}

)

select * from narrow
