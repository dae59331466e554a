-- A row is a weight of our own on our own activity, or on a measure without direction.
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

counted as (

    select
        weights.profile,
        weights.engagement_model,
        weights.measure,
        weights.valid_from
    from weights
    inner join profiles
        on weights.profile = profiles.profile
    inner join measures
        on weights.measure = measures.measure
    where
        not profiles.is_reference
        and (
            measures.is_our_activity
            or measures.direction = 'as_published'
        )

)

select * from counted
