-- A row is a dimension that holds more or fewer accounts than had an observed start.
with

cohorts as (

    select * from {{ ref('fct_time_to_value_cohorts') }}

),

time_to_value as (

    select * from {{ ref('fct_time_to_value') }}

),

observed as (

    select
        count(*) as account_count,
        count_if(status = 'reached') as reached_count,
        count_if(status = 'left') as left_count
    from time_to_value
    where is_start_observed

),

summed as (

    select
        segment_dimension,
        sum(account_count) as account_count,
        sum(reached_count) as reached_count,
        sum(left_count) as left_count
    from cohorts
    group by segment_dimension

),

differing as (

    select summed.segment_dimension
    from summed
    cross join observed
    where
        summed.account_count <> observed.account_count
        or summed.reached_count <> observed.reached_count
        or summed.left_count <> observed.left_count

)

select * from differing
