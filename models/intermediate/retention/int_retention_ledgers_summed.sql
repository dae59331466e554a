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

members as (

    select
        changes.*,
        segments.ultimate_parent_id
    from changes
    inner join segments
        on
            changes.account_id = segments.account_id
            and changes.opening_on >= segments.valid_from
            and changes.opening_on < coalesce(segments.valid_to, {{ far_future() }})

),

entity_changes as (

    select
        'account' as grain,
        account_id as entity_id,
        *
    from members

    union all

    select
        'parent' as grain,
        ultimate_parent_id as entity_id,
        *
    from members

),

entity_days as (

    select
        period_number,
        window_months,
        grain,
        entity_id,
        effective_on,
        sum(mrr_delta) as mrr_delta,
        bool_or(is_paused_after) as is_paused_after
    from entity_changes
    group by period_number, window_months, grain, entity_id, effective_on

),

accumulated as (

    select
        entity_days.*,
        entities.opening_mrr_graced + sum(entity_days.mrr_delta) over (
            partition by
                entity_days.period_number,
                entity_days.window_months,
                entity_days.grain,
                entity_days.entity_id
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
            when mrr_after = 0 and is_paused_after then 'pause'
            when mrr_after = 0 then 'churn'
            when mrr_delta > 0 then 'expansion'
            else 'contraction'
        end as turn
    from accumulated
    where mrr_delta <> 0

),

-- Who comes back does so from what it left by: what a pause takes, a return gives.
classified as (

    select
        *,
        case
            when turn <> 'return' then turn
            when
                lag(turn) over (
                    partition by period_number, window_months, grain, entity_id
                    order by effective_on
                ) = 'pause'
                then 'resume'
            else 'reactivation'
        end as movement
    from turned

),

summed as (

    select
        period_number,
        window_months,
        grain,
        entity_id,
        sum(case when movement = 'expansion' then mrr_delta else 0 end)
            as expansion_mrr,
        sum(case when movement = 'contraction' then mrr_delta else 0 end)
            as contraction_mrr,
        sum(case when movement = 'churn' then mrr_delta else 0 end) as churned_mrr,
        sum(case when movement = 'reactivation' then mrr_delta else 0 end)
            as reactivation_mrr,
        sum(case when movement in ('pause', 'resume') then mrr_delta else 0 end)
            as paused_mrr,
        count(case when movement = 'churn' then 1 end) as churn_count,
        count(case when movement = 'reactivation' then 1 end) as reactivation_count
    from classified
    group by period_number, window_months, grain, entity_id

)

select * from summed
