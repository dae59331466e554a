{# A customer's days within a window, named as a ledger names them, at its grain. #}
with

changes as (

    select * from {{ ref('int_retention_changes_windowed') }}

),

segments as (

    select * from {{ ref('int_account_segments_described') }}

),

entities as (

    select * from {{ ref('int_retention_entities_grouped') }}

),

grains as (

    select 'account' as grain

    union all

    select 'parent' as grain

),

entity_changes as (

    select
        changes.*,
        grains.grain,
        case
            when grains.grain = 'parent' then segments.ultimate_parent_id
            else changes.account_id
        end as entity_id
    from changes
    cross join grains
    inner join segments
        on
            changes.account_id = segments.account_id
            and changes.opening_on >= segments.valid_from
            and changes.opening_on < coalesce(segments.valid_to, {{ far_future() }})

),

entity_days as (

    select
        period_number,
        window_months,
        grain,
        entity_id,
        effective_on,
        sum(mrr_delta) as mrr_delta,
        bool_and(is_pause) as is_pause,
        max(cancelled_on) as cancelled_on
    from entity_changes
    group by period_number, window_months, grain, entity_id, effective_on

),

accumulated as (

    select
        entity_days.*,
        entities.opening_mrr_graced + sum(entity_days.mrr_delta) over (
            partition by
                entity_days.period_number, entity_days.window_months,
                entity_days.grain, entity_days.entity_id
            order by entity_days.effective_on
            rows between unbounded preceding and current row
        ) as mrr_after
    from entity_days
    inner join entities
        on
            entity_days.period_number = entities.period_number
            and entity_days.window_months = entities.window_months
            and entity_days.grain = entities.grain
            and entity_days.entity_id = entities.entity_id

),

turned as (

    select
        *,
        case
            when mrr_after = mrr_delta then 'return'
            when mrr_after = 0 and is_pause then 'pause'
            when mrr_after = 0 then 'churn'
            when mrr_delta > 0 then 'expansion'
            else 'contraction'
        end as turn
    from accumulated
    where mrr_delta <> 0

),

-- What a pause takes, a return gives; cancelled before anything came back, it is churn.
classified as (

    select
        *,
        case
            when
                turn = 'pause'
                and cancelled_on
                < lead(effective_on, 1, {{ far_future() }}) over entity_turns
                then 'churn'
            when turn <> 'return' then turn
            when
                lag(turn) over entity_turns = 'pause'
                and lag(cancelled_on) over entity_turns >= effective_on
                then 'resume'
            else 'reactivation'
        end as amount_kind
    from turned
    window entity_turns as (
        partition by period_number, window_months, grain, entity_id
        order by effective_on
    )

),

summed as (

    select
        period_number,
        window_months,
        grain,
        entity_id,
        {{ total_of('expansion', 'mrr_delta') }} as expansion_mrr,
        {{ total_of('contraction', 'mrr_delta') }} as contraction_mrr,
        {{ total_of('churn', 'mrr_delta') }} as churned_mrr,
        {{ total_of('reactivation', 'mrr_delta') }} as reactivation_mrr,
        {{ total_of('pause', 'mrr_delta') }} + {{ total_of('resume', 'mrr_delta') }}
            as paused_mrr,
        count(case when amount_kind = 'churn' then 1 end) as churn_count,
        count(case when amount_kind = 'reactivation' then 1 end) as reactivation_count
    from classified
    group by period_number, window_months, grain, entity_id

)

select * from summed
