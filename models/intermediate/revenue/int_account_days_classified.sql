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
        case
            when not is_paying_before and not is_paying_after then 'none'
            when not is_paying_before and not has_paid_before then 'new'
            when not is_paying_before and is_paused_before then 'resume'
            when not is_paying_before then 'reactivation'
            when not is_paying_after and is_paused_after then 'pause'
            when not is_paying_after then 'churn'
            when reporting_delta >= 0 then 'expansion'
            else 'contraction'
        end as movement
    from account_days

),

turns as (

    select
        account_id,
        effective_on,
        movement,
        lead(effective_on) over account_turns as next_turn_on,
        lead(movement) over account_turns as next_movement,
        lag(effective_on) over account_turns as last_turn_on,
        lag(movement) over account_turns as last_movement
    from moved
    where movement in ('new', 'resume', 'reactivation', 'pause', 'churn')
    window account_turns as (
        partition by account_id
        order by effective_on
    )

),

classified as (

    select
        moved.account_id,
        moved.effective_on,
        moved.movement,
        case
            when moved.movement = 'new' then 'first_paid'
            when moved.movement = 'pause' then 'paused'
            when moved.movement = 'resume' then 'resumed'
            when
                moved.movement = 'churn'
                and turns.next_movement = 'reactivation'
                and {{ within_grace('moved.effective_on', 'turns.next_turn_on') }}
                then 'late_renewal'
            when moved.movement = 'churn' and moved.is_unpaid_after then 'unpaid'
            when moved.movement = 'churn' then 'service_ended'
            when
                moved.movement = 'reactivation'
                and turns.last_movement = 'churn'
                and {{ within_grace('turns.last_turn_on', 'moved.effective_on') }}
                then 'late_renewal'
            when moved.movement = 'reactivation' then 'returned'
        end as sub_reason,
        moved.movement = 'churn'
        and turns.next_turn_on is null
        and {{ days_after(var('late_renewal_grace_days'), 'moved.effective_on') }}
        > clock.as_of_on as is_provisional
    from moved
    cross join clock
    left join turns
        on
            moved.account_id = turns.account_id
            and moved.effective_on = turns.effective_on
    where moved.movement <> 'none'

)

select * from classified
