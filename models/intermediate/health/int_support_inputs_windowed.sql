{# A ticket counts from the day it was opened, its solution from the day of solving. #}
with

tickets as (

    select * from {{ ref('int_tickets_conformed') }}

),

dated as (

    select
        account_id,
        severity_level,
        cast(opened_at as date) as opened_on,
        cast(solved_at as date) as solved_on,
        {{ minutes_between('opened_at', 'solved_at') }} as minutes_to_solve
    from tickets

),

windowed as (

    select
        account_id,
        'tickets' as input_name,
        opened_on as counts_from,
        {{ days_after(var('support_window_days'), 'opened_on') }} as counts_to,
        1 as amount
    from dated

    union all

    select
        account_id,
        'solved_tickets' as input_name,
        solved_on as counts_from,
        {{ days_after(var('support_window_days'), 'solved_on') }} as counts_to,
        1 as amount
    from dated
    where solved_on is not null

    union all

    select
        account_id,
        'solved_minutes' as input_name,
        solved_on as counts_from,
        {{ days_after(var('support_window_days'), 'solved_on') }} as counts_to,
        minutes_to_solve as amount
    from dated
    where solved_on is not null

    union all

    select
        account_id,
        'open_severity_1' as input_name,
        opened_on as counts_from,
        coalesce(solved_on, {{ far_future() }}) as counts_to,
        1 as amount
    from dated
    where severity_level = 1

)

select * from windowed
where counts_from < counts_to
