-- A row is a piece of a curve that runs against the direction of its measure.
with

curves as (

    select * from {{ ref('health_curves') }}

),

measures as (

    select * from {{ ref('health_measures') }}

),

stepped as (

    select
        *,
        lead(measure_score) over (
            partition by measure, valid_from
            order by input_value
        ) as next_measure_score
    from curves

),

against_direction as (

    select
        stepped.measure,
        stepped.valid_from,
        stepped.input_value,
        stepped.measure_score,
        stepped.next_measure_score,
        measures.direction
    from stepped
    inner join measures
        on stepped.measure = measures.measure
    where
        (
            measures.direction = 'higher_is_better'
            and stepped.next_measure_score < stepped.measure_score
        )
        or (
            measures.direction = 'lower_is_better'
            and stepped.next_measure_score > stepped.measure_score
        )

)

select * from against_direction
