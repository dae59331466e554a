-- A row is a weight of a measure that has no curve in its profile on that day.
with

weights as (

    select * from {{ ref('health_weights') }}

),

curves as (

    select * from {{ ref('health_curves') }}

),

without_curve as (

    select
        weights.profile,
        weights.engagement_model,
        weights.measure,
        weights.valid_from
    from weights
    left join curves
        on
            weights.profile = curves.profile
            and weights.measure = curves.measure
            and weights.valid_from >= curves.valid_from
    where curves.measure is null

)

select * from without_curve
