{# A run as of an earlier day than the last close knows the closes up to its day. #}
with

closes as (

    select * from {{ ref('stg_run__mrr_closes') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

last_numbers as (

    select coalesce(max(close_number), 0) as last_number
    from closes

),

months_final as (

    select max(mrr_month) as final_month
    from months
    where is_final

),

known as (

    select
        closes.close_number,
        closes.recorded_as_of_at,
        closes.final_month,
        false as is_this_run
    from closes
    inner join clock
        on
            closes.reporting_currency = clock.reporting_currency
            and closes.recorded_as_of_at <= clock.as_of_at

    union all

    select
        last_numbers.last_number + 1 as close_number,
        clock.as_of_at as recorded_as_of_at,
        months_final.final_month,
        true as is_this_run
    from clock
    cross join last_numbers
    cross join months_final

),

numbered as (

    select
        cast(close_number as bigint) as close_number,
        recorded_as_of_at,
        cast(recorded_as_of_at as date) as recorded_on,
        -- A longer grace does not take back what was published as final.
        max(final_month) over (
            order by close_number
            rows between unbounded preceding and current row
        ) as final_month,
        max(final_month) over (
            order by close_number
            rows between unbounded preceding and 1 preceding
        ) as closed_before_month,
        is_this_run
    from known

)

select * from numbered
