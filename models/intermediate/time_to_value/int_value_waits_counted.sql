{# How many waits ended, and how, on each day of the wait; in every dimension. #}
with

waits as (

    select * from {{ ref('int_value_waits_ended') }}

),

dimensions as (

    select * from {{ ref('value_dimensions') }}

),

placed as (

    select
        dimensions.segment_dimension,
        waits.status,
        waits.observed_days as waited_days,
        case dimensions.segment_dimension
            when 'all' then 'all'
            when 'start_cohort'
                then substring(cast(waits.clock_started_on as string), 1, 7)
            when 'start_quarter'
                then concat_ws(
                    '-Q',
                    cast(extract(year from waits.clock_started_on) as string),
                    cast(extract(quarter from waits.clock_started_on) as string)
                )
            when 'desired_outcome' then waits.desired_outcome
            when 'tier' then waits.tier
            when 'engagement_model' then waits.engagement_model
            when 'plan' then waits.plan
            when 'owner' then coalesce(waits.owner_id, 'unknown')
        end as segment_value,
        waits.clock_started_on
    from waits
    cross join dimensions
    where waits.is_start_observed

),

daily as (

    select
        segment_dimension,
        segment_value,
        waited_days,
        max(clock_started_on) as latest_start_on,
        count(*) as ended_count,
        count_if(status = 'reached') as reached_count,
        count_if(status = 'left') as left_count,
        count_if(status = 'censored') as censored_count
    from placed
    group by segment_dimension, segment_value, waited_days

),

counted as (

    select
        segment_dimension,
        segment_value,
        waited_days,
        sum(ended_count) over (
            partition by segment_dimension, segment_value
            order by waited_days desc
            rows between unbounded preceding and current row
        ) as at_risk_count,
        reached_count,
        left_count,
        censored_count,
        max(latest_start_on) over (partition by segment_dimension, segment_value)
            as latest_start_on
    from daily

)

select * from counted
