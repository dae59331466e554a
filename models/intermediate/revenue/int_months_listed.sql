{# The one place that says where a month closes, and whether it is over or final. #}
with

dates as (

    select * from {{ ref('dim_dates') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

listed as (

    select
        dates.calendar_month as mrr_month,
        dates.month_number,
        dates.month_ends_on,
        least(dates.month_ends_on, clock.as_of_on) as closing_on,
        dates.month_ends_on <= clock.last_complete_on as is_complete,
        coalesce(
            {{ days_after(var('late_renewal_grace_days'), 'dates.month_ends_on') }}
            <= clock.final_as_of_on,
            false
        ) as is_final
    from dates
    inner join clock
        on dates.calendar_month <= clock.as_of_on
    where dates.is_month_end

)

select * from listed
