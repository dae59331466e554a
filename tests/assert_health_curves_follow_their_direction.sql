-- A row is a piece of a curve that runs against the direction of its measure.
with

curves as (

    select * from {{ ref('health_curves') }}

),

measures as (

    select * from {{ ref('health_measures') }}

),

directions as (

    select
        measure,
        max_by(direction, valid_from) as direction
    from measures
    group by measure

),

stepped as (

    select
        *,
        lead(measure_score) over (
            partition by profile, measure, valid_from, min_age_days
            order by input_value
        ) as next_measure_score
    from curves

),

against_direction as (

    select
        stepped.profile,
        stepped.measure,
        stepped.valid_from,
        stepped.input_value,
        stepped.measure_score,
        stepped.next_measure_score,
        directions.direction
    from stepped
    inner join directions
        on stepped.measure = directions.measure
    where
        (
            directions.direction = 'higher_is_better'
            and not {{ nearly_at_most(
                'stepped.measure_score', 'stepped.next_measure_score'
            ) }}
        )
        or (
            directions.direction = 'lower_is_better'
            and not {{ nearly_at_most(
                'stepped.next_measure_score', 'stepped.measure_score'
            ) }}
        )

)

select * from against_direction
