{# What a day did to the account as a whole. #}
with

account_days as (

    select * from {{ ref('int_account_days_netted') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

moved as (

    select
        account_id,
        effective_on,
        is_unpaid_after,
        is_pause_held_before,
        held_until,
        case
            when not is_paying_before and not is_paying_after then 'none'
            when not is_paying_before and not has_paid_before then 'new'
            when not is_paying_before then 'return'
            when not is_paying_after and is_all_paused then 'pause'
            when not is_paying_after then 'churn'
            when reporting_delta >= 0 then 'expansion'
            else 'contraction'
        end as turn
    from account_days

),

turns as (

    select
        account_id,
        effective_on,
        lead(effective_on) over account_turns as next_turn_on,
        lag(effective_on) over account_turns as last_turn_on,
        lag(turn) over account_turns as last_turn
    from moved
    where turn in ('new', 'return', 'pause', 'churn')
    window account_turns as (
        partition by account_id
        order by effective_on
    )

),

named as (

    select
        moved.account_id,
        moved.effective_on,
        moved.is_unpaid_after,
        moved.held_until,
        turns.next_turn_on,
        turns.last_turn_on,
        case
            when moved.turn <> 'return' then moved.turn
            when turns.last_turn = 'pause' and moved.is_pause_held_before
                then 'resume'
            else 'reactivation'
        end as movement,
        coalesce(turns.last_turn = 'churn', false) as is_after_churn
    from moved
    left join turns
        on
            moved.account_id = turns.account_id
            and moved.effective_on = turns.effective_on
    where moved.turn <> 'none'

),

classified as (

    select
        named.account_id,
        named.effective_on,
        named.movement,
        case
            when named.movement = 'new' then 'first_paid'
            when named.movement = 'pause' then 'paused'
            when named.movement = 'resume' then 'resumed'
            when
                named.movement = 'churn'
                and {{ within_grace('named.effective_on', 'named.next_turn_on') }}
                then 'late_renewal'
            when named.movement = 'churn' and named.is_unpaid_after then 'unpaid'
            when named.movement = 'churn' then 'service_ended'
            when
                named.movement = 'reactivation'
                and named.is_after_churn
                and {{ within_grace('named.last_turn_on', 'named.effective_on') }}
                then 'late_renewal'
            when named.movement = 'reactivation' then 'returned'
        end as sub_reason,
        case
            when
                named.movement = 'pause'
                and named.held_until < coalesce(named.next_turn_on, {{ far_future() }})
                then named.held_until
        end as cancelled_on,
        named.movement = 'churn'
        and named.next_turn_on is null
        and {{ days_after(var('late_renewal_grace_days'), 'named.effective_on') }}
        > clock.as_of_on as is_provisional
    from named
    cross join clock

)

select * from classified
