{# One sweep: what begins to count is added, what ends is taken off. #}
with

days as (

    select * from {{ ref('int_health_days_awaited') }}

),

accounts as (

    select * from {{ ref('int_health_accounts_awaited') }}

),

inputs as (

    select * from {{ ref('int_support_inputs_windowed') }}

),

windowed as (

    select inputs.*
    from inputs
    inner join accounts
        on
            inputs.account_id = accounts.account_id
            and inputs.counts_from <= accounts.scored_to
            and inputs.counts_to > accounts.scored_from

),

changes as (

    select
        account_id,
        input_name,
        counts_from as changed_on,
        cast(amount as bigint) as amount
    from windowed

    union all

    select
        account_id,
        input_name,
        counts_to as changed_on,
        -cast(amount as bigint) as amount
    from windowed
    where counts_to < {{ far_future() }}

    union all

    select
        account_id,
        'health_day' as input_name,
        health_on as changed_on,
        0 as amount
    from days

),

daily as (

    select
        account_id,
        changed_on,
        count_if(input_name = 'health_day') > 0 as is_health_day,
        sum(case when input_name = 'tickets' then amount end) as tickets,
        sum(case when input_name = 'ranked_tickets' then amount end) as ranked_tickets,
        sum(case when input_name = 'severe_tickets' then amount end) as severe_tickets,
        sum(case when input_name = 'open_severity_1' then amount end)
            as open_severity_1,
        sum(case when input_name = 'open_tickets' then amount end) as open_tickets,
        sum(case when input_name = 'open_since_minutes' then amount end)
            as open_since_minutes,
        sum(case when input_name = 'solved_tickets' then amount end) as solved_tickets,
        sum(case when input_name = 'solved_minutes' then amount end) as solved_minutes,
        sum(case when input_name = 'solutions' then amount end) as solutions,
        sum(case when input_name = 'undone_solutions' then amount end)
            as undone_solutions,
        sum(case when input_name = 'waiting_tickets' then amount end)
            as waiting_tickets,
        sum(case when input_name = 'waiting_since_minutes' then amount end)
            as waiting_since_minutes,
        sum(case when input_name = 'answered_tickets' then amount end)
            as answered_tickets,
        sum(case when input_name = 'answered_minutes' then amount end)
            as answered_minutes,
        max(case when input_name = 'tickets' and amount > 0 then changed_on end)
            as last_opened_on,
        max(case when input_name = 'solutions' and amount > 0 then changed_on end)
            as last_solved_on,
        max(
            case when input_name = 'answered_tickets' and amount > 0 then changed_on end
        ) as last_answered_on
    from changes
    group by account_id, changed_on

),

accumulated as (

    select
        account_id,
        changed_on as health_on,
        is_health_day,
        cast(coalesce(sum(tickets) over so_far, 0) as bigint) as ticket_count,
        cast(coalesce(sum(ranked_tickets) over so_far, 0) as bigint)
            as ranked_ticket_count,
        cast(coalesce(sum(severe_tickets) over so_far, 0) as bigint)
            as severe_ticket_count,
        cast(coalesce(sum(open_severity_1) over so_far, 0) as bigint)
            as open_severity_1_count,
        cast(coalesce(sum(open_tickets) over so_far, 0) as bigint) as open_ticket_count,
        cast(coalesce(sum(open_since_minutes) over so_far, 0) as bigint)
            as open_since_minutes,
        cast(coalesce(sum(solved_tickets) over so_far, 0) as bigint)
            as solved_ticket_count,
        cast(coalesce(sum(solved_minutes) over so_far, 0) as bigint) as solved_minutes,
        cast(coalesce(sum(solutions) over so_far, 0) as bigint) as solution_count,
        cast(coalesce(sum(undone_solutions) over so_far, 0) as bigint)
            as undone_solution_count,
        cast(coalesce(sum(waiting_tickets) over so_far, 0) as bigint)
            as waiting_ticket_count,
        cast(coalesce(sum(waiting_since_minutes) over so_far, 0) as bigint)
            as waiting_since_minutes,
        cast(coalesce(sum(answered_tickets) over so_far, 0) as bigint)
            as answered_ticket_count,
        cast(coalesce(sum(answered_minutes) over so_far, 0) as bigint)
            as answered_minutes,
        max(last_opened_on) over so_far as last_opened_on,
        max(last_solved_on) over so_far as last_solved_on,
        max(last_answered_on) over so_far as last_answered_on
    from daily
    window so_far as (
        partition by account_id
        order by changed_on
        rows between unbounded preceding and current row
    )

)

select * from accumulated
where is_health_day
