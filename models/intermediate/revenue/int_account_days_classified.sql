{# What a day did to the account as a whole; whatever happened within it is netted. #}
with

changes as (

    select * from {{ ref('int_mrr_line_changes_summed') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

days as (

    select
        changes.account_id,
        changes.effective_on,
        sum(changes.mrr_delta) as mrr_delta,
        sum({{ converted('changes.mrr_delta', 'rates.rate') }}) as reporting_delta,
        sum(changes.paused_delta) as paused_delta,
        sum(changes.unpaid_delta) as unpaid_delta
    from changes
    inner join rates
        on
            changes.currency = rates.currency
            and changes.effective_on >= rates.valid_from
            and changes.effective_on < coalesce(rates.valid_to, {{ far_future() }})
    group by changes.account_id, changes.effective_on

),

accumulated as (

    select
        *,
        sum(mrr_delta) over account_so_far as mrr_after,
        sum(paused_delta) over account_so_far as paused_after,
        sum(unpaid_delta) over account_so_far as unpaid_after
    from days
    window account_so_far as (
        partition by account_id
        order by effective_on
        rows between unbounded preceding and current row
    )

),

states as (

    select
        account_id,
        effective_on,
        reporting_delta,
        mrr_after - mrr_delta > 0 as is_paying_before,
        mrr_after > 0 as is_paying_after,
        paused_after - paused_delta > 0 as is_paused_before,
        paused_after > 0 as is_paused_after,
        unpaid_after > 0 as is_unpaid_after,
        coalesce(max(mrr_after) over (
            partition by account_id
            order by effective_on
            rows between unbounded preceding and 1 preceding
        ), 0) > 0 as has_paid_before
    from accumulated

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
    from states

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
        and {{ within_grace('moved.effective_on', 'clock.as_of_on') }} as is_provisional
    from moved
    cross join clock
    left join turns
        on
            moved.account_id = turns.account_id
            and moved.effective_on = turns.effective_on
    where moved.movement <> 'none'

)

select * from classified
