with

curves as (

    select * from {{ ref('fct_time_to_value_curves') }}

),

waits as (

    select * from {{ ref('int_value_waits_counted') }}

),

starts as (

    select
        segment_dimension,
        segment_value,
        max(latest_start_on) as latest_start_on
    from waits
    group by segment_dimension, segment_value

),

-- A curve that meets one half exactly has its median there, whatever the last bit says.
summed as (

    select
        segment_dimension,
        segment_value,
        max(at_risk_count) as account_count,
        sum(reached_count) as reached_count,
        sum(left_count) as left_count,
        sum(censored_count) as censored_count,
        max(left_rate) as left_rate,
        min(case when not_reached_rate <= 0.5 + 1e-12 then waited_days end)
            as median_days,
        -- No limit exists where everybody has arrived, but a lower one would be 0.
        min(
            case
                when not_reached_low_rate <= 0.5 or not_reached_rate <= 1e-12
                    then waited_days
            end
        ) as median_low_days,
        min(case when not_reached_high_rate <= 0.5 then waited_days end)
            as median_high_days,
        min(case when reached_rate >= 0.5 - 1e-12 then waited_days end)
            as reached_median_days,
        {{ ratio('sum(waited_days * reached_count)', 'sum(reached_count)') }}
            as naive_mean_days_of_achievers
    from curves
    group by segment_dimension, segment_value

),

cohorts as (

    select
        summed.segment_dimension,
        summed.segment_value,

        case
            when summed.median_days is not null then 'estimated'
            else 'more_than_half_not_reached'
        end as median_status,
        case
            when summed.reached_median_days is not null then 'estimated'
            when summed.left_rate > 0.5 then 'more_than_half_left'
            else 'half_not_reached_yet'
        end as reached_median_status,

        case summed.segment_dimension
            when 'start_cohort'
                then cast({{ dbt.last_day('starts.latest_start_on', 'month') }} as date)
            when 'start_quarter'
                then
                    cast(
                        {{ dbt.last_day('starts.latest_start_on', 'quarter') }} as date
                    )
        end as cohort_ends_on,

        summed.account_count,
        cast(summed.reached_count as bigint) as reached_count,
        cast(summed.left_count as bigint) as left_count,
        cast(summed.censored_count as bigint) as censored_count,
        summed.median_days,
        summed.median_low_days,
        summed.median_high_days,
        summed.reached_median_days,
        summed.naive_mean_days_of_achievers
    from summed
    inner join starts
        on
            summed.segment_dimension = starts.segment_dimension
            and summed.segment_value = starts.segment_value

)

select * from cohorts
