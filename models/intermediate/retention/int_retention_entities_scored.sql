{# What each customer kept, gained and lost, once per policy but the chained. #}
with

entities as (

    select * from {{ ref('int_retention_entities_grouped') }}

),

ledgers as (

    select * from {{ ref('int_retention_ledgers_summed') }}

),

policies as (

    select 'raw' as policy

    union all

    select 'constant_currency' as policy

    union all

    select 'late_renewal_grace' as policy

),

point_to_point as (

    select
        entities.*,
        policies.policy,
        case policies.policy
            when 'late_renewal_grace' then entities.opening_mrr_graced
            else entities.opening_mrr
        end as starting_mrr,
        case policies.policy
            when 'raw' then entities.closing_mrr_raw
            when 'constant_currency' then entities.closing_mrr_constant
            else entities.closing_mrr_graced
        end as retained_mrr
    from entities
    cross join policies

),

ledger_policies as (

    select
        'ledger' as policy,
        0 as reactivation_share

    union all

    select
        'ledger_with_reactivation' as policy,
        1 as reactivation_share

),

scored as (

    select
        period_end_on,
        period_number,
        window_months,
        grain,
        policy,
        entity_id,
        tier,
        desired_outcome,
        engagement_model,
        owner,
        country,
        segment,
        largest_product,
        start_cohort,
        starting_mrr as opening_mrr,
        greatest(retained_mrr - starting_mrr, 0) as expansion_mrr,
        case
            when retained_mrr > 0 then least(retained_mrr - starting_mrr, 0)
            else 0
        end as contraction_mrr,
        case when retained_mrr = 0 then -starting_mrr else 0 end as churned_mrr,
        0 as reactivation_mrr,
        0 as paused_mrr,
        case when retained_mrr > 0 then 1 else 0 end as retained_count
    from point_to_point
    where starting_mrr > 0

    union all

    select
        entities.period_end_on,
        entities.period_number,
        entities.window_months,
        entities.grain,
        ledger_policies.policy,
        entities.entity_id,
        entities.tier,
        entities.desired_outcome,
        entities.engagement_model,
        entities.owner,
        entities.country,
        entities.segment,
        entities.largest_product,
        entities.start_cohort,
        entities.opening_mrr_graced as opening_mrr,
        coalesce(ledgers.expansion_mrr, 0) as expansion_mrr,
        coalesce(ledgers.contraction_mrr, 0) as contraction_mrr,
        coalesce(ledgers.churned_mrr, 0) as churned_mrr,
        coalesce(ledgers.reactivation_mrr, 0) * ledger_policies.reactivation_share
            as reactivation_mrr,
        coalesce(ledgers.paused_mrr, 0) as paused_mrr,
        -- A churn loses the logo; in the one policy, a return brings it back.
        case
            when
                coalesce(ledgers.churn_count, 0)
                > coalesce(ledgers.reactivation_count, 0)
                * ledger_policies.reactivation_share
                then 0
            else 1
        end as retained_count
    from entities
    cross join ledger_policies
    left join ledgers
        on
            entities.period_number = ledgers.period_number
            and entities.window_months = ledgers.window_months
            and entities.grain = ledgers.grain
            and entities.entity_id = ledgers.entity_id

)

select * from scored
