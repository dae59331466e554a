{# Of each day up to the run: the last arrival of an event of anyone. #}
with

feature_days as (

    select * from {{ ref('int_feature_days_rolled_up') }}

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
        dates.is_month_end,
        max(arrivals.known_on) over (
            order by dates.date_on
            rows between unbounded preceding and current row
        ) as last_arrived_on
    from dates
    inner join clock
        on dates.date_on <= clock.as_of_on
    left join arrivals
        on dates.date_on = arrivals.known_on

)

select * from described
