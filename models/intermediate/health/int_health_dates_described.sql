{# Of each day up to the run: the last arrival of an event, and the policy in force. #}
with

feature_days as (

    select * from {{ ref('int_feature_days_rolled_up') }}

),

policy_versions as (

    select * from {{ ref('int_health_policy_versions_named') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

arrivals as (

    select known_on
    from feature_days
    group by known_on

),

described as (

    select
        dates.date_on,
        policy_versions.policy_version,
        max(arrivals.known_on) over (
            order by dates.date_on
            rows between unbounded preceding and current row
        ) as last_arrived_on
    from dates
    inner join clock
        on dates.date_on <= clock.as_of_on
    left join arrivals
        on dates.date_on = arrivals.known_on
    left join policy_versions
        on
            dates.date_on >= policy_versions.valid_from
            and dates.date_on < policy_versions.valid_to

)

select * from described
