-- A row is a set of weights that rests on one family of inputs, or gives one above 3/4.
with

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
        weights.engagement_model,
        weights.valid_from,
        families.measure_family,
        sum(weights.weight) as family_weight
    from weights
    inner join families
        on weights.measure = families.measure
    group by weights.engagement_model, weights.valid_from, families.measure_family

),

narrow as (

    select
        engagement_model,
        valid_from,
        count(*) as family_count,
        max(family_weight) as largest_family_weight
    from by_family
    group by engagement_model, valid_from
    having
        count(*) < {{ var('min_input_families') }}
        or max(family_weight) > 0.75

)

select * from narrow
