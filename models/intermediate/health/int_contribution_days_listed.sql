{# Days whose contributions are kept: the last ones, and month ends for good. #}
with

dates as (

    select * from {{ ref('dim_dates') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

listed as (

    select dates.date_on
    from dates
    cross join clock
    where
        dates.date_on <= clock.as_of_on
        and (
            dates.is_month_end
            or dates.date_on
            > {{ days_after('-' ~ var('contribution_window_days'), 'clock.as_of_on') }}
        )

)

select * from listed
