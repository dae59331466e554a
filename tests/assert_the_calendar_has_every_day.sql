-- A returned row is a calendar that lacks a day, or has one that the vars do not name.
with

dates as (

    select * from {{ ref('dim_dates') }}

),

spanned as (

    select
        min(date_on) as first_on,
        max(date_on) as last_on,
        count(*) as day_count
    from dates

)

select *
from spanned
where
    first_on <> cast('{{ var("calendar_from") }}' as date)
    or {{ days_after(1, 'last_on') }} <> cast('{{ var("calendar_to") }}' as date)
    or {{ days_after('day_count', 'first_on') }}
    <> cast('{{ var("calendar_to") }}' as date)
