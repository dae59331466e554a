{# While somebody is heard, the silence of an account is real; else nobody knows. #}
with

acts as (

    select * from {{ ref('int_stakeholder_acts_matched') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

heard as (

    select known_on
    from acts
    group by known_on

),

described as (

    select
        dates.date_on,
        max(heard.known_on) over (
            order by dates.date_on
            rows between unbounded preceding and current row
        ) as last_heard_on
    from dates
    inner join clock
        on dates.date_on <= clock.as_of_on
    left join heard
        on dates.date_on = heard.known_on

)

select * from described
