with

days as (

    {{ dbt.date_spine(
        datepart='day',
        start_date="cast('" ~ var('calendar_from') ~ "' as date)",
        end_date="cast('" ~ var('calendar_to') ~ "' as date)"
    ) }}

),

dated as (

    select
        cast(date_day as date) as date_on,
        cast(date_trunc('month', date_day) as date) as calendar_month,
        cast({{ dbt.last_day('date_day', 'month') }} as date) as month_ends_on,
        cast(extract(year from date_day) as bigint) as calendar_year,
        cast(extract(month from date_day) as bigint) as month_of_year,
        cast({{ month_index('date_day') }} as bigint) as month_number,
        {{ dbt.last_day('date_day', 'month') }} = cast(date_day as date)
            as is_month_end
    from days

)

select * from dated
