-- A row is a measure of the policy that no curve or no set of weights speaks of.
with

measures as (

    select * from {{ ref('health_measures') }}

),

curves as (

    select * from {{ ref('health_curves') }}

),

weights as (

    select * from {{ ref('health_weights') }}

),

spoken_of as (

    select
        measures.measure,
        measures.valid_from,
        count(curves.measure) as curve_points,
        count(weights.measure) as weights
    from measures
    left join curves
        on
            measures.measure = curves.measure
            and measures.valid_from >= curves.valid_from
    left join weights
        on measures.measure = weights.measure
    group by measures.measure, measures.valid_from

)

select * from spoken_of
where
    curve_points = 0
    or weights = 0
