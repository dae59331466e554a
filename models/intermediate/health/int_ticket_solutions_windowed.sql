{#
    The opening of an open ticket is summed, as minutes since ever, so that a day's ages are
    one subtraction. A source that never told of a solution does not say that tickets stay open.
#}
with

statuses as (

    select * from {{ ref('int_ticket_statuses_dated') }}

),

dated as (

    select
        account_id,
        is_solved,
        untold_reopening_count,
        cast(valid_from_at as date) as valid_from,
        coalesce(cast(valid_to_at as date), {{ far_future() }}) as valid_to,
        {{ days_after(var('support_window_days'), 'cast(valid_from_at as date)') }}
            as window_to,
        {{ minutes_between('cast(' ~ the_beginning() ~ ' as timestamp)', 'opened_at') }}
            as opened_minute,
        {{ minutes_between('opened_at', 'valid_from_at') }} as minutes_to_here,
        cast(
            min(case when is_solved then valid_from_at end) over (
                partition by source_system
            ) as date
        ) as first_solution_on
    from statuses

),

open_tickets as (

    select
        account_id,
        opened_minute,
        greatest(valid_from, first_solution_on) as counts_from,
        valid_to as counts_to
    from dated
    where
        not is_solved
        and first_solution_on is not null

),

solved_tickets as (

    select
        account_id,
        minutes_to_here,
        untold_reopening_count,
        valid_from as counts_from,
        valid_to,
        window_to
    from dated
    where is_solved

),

windowed as (

    select
        account_id,
        'open_tickets' as input_name,
        counts_from,
        counts_to,
        1 as amount
    from open_tickets

    union all

    select
        account_id,
        'open_since_minutes' as input_name,
        counts_from,
        counts_to,
        opened_minute as amount
    from open_tickets

    union all

    select
        account_id,
        'solved_tickets' as input_name,
        counts_from,
        least(valid_to, window_to) as counts_to,
        1 as amount
    from solved_tickets

    union all

    select
        account_id,
        'solved_minutes' as input_name,
        counts_from,
        least(valid_to, window_to) as counts_to,
        minutes_to_here as amount
    from solved_tickets

    union all

    select
        account_id,
        'solutions' as input_name,
        counts_from,
        window_to as counts_to,
        1 + untold_reopening_count as amount
    from solved_tickets

    union all

    select
        account_id,
        'undone_solutions' as input_name,
        counts_from,
        window_to as counts_to,
        untold_reopening_count as amount
    from solved_tickets
    where untold_reopening_count > 0

    union all

    select
        account_id,
        'undone_solutions' as input_name,
        valid_to as counts_from,
        window_to as counts_to,
        1 as amount
    from solved_tickets
    where valid_to < window_to

)

select * from windowed
where counts_from < counts_to
