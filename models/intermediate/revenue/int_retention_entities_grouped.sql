{# Accounts and ultimate parents as they stood when the window opened. #}
with

accounts as (

    select * from {{ ref('int_retention_accounts_measured') }}

),

segments as (

    select * from {{ ref('int_account_segments_assigned') }}

),

placed as (

    select
        accounts.*,
        segments.ultimate_parent_id,
        segments.tier,
        segments.desired_outcome,
        segments.engagement_model
    from accounts
    inner join segments
        on
            accounts.account_id = segments.account_id
            and accounts.opening_on >= segments.valid_from
            and accounts.opening_on < coalesce(segments.valid_to, {{ far_future() }})

),

ranked as (

    select
        *,
        concat_ws(
            '|', lpad(cast(opening_mrr as string), 30, '0'), account_id
        ) as size_rank
    from placed

),

members as (

    select
        'account' as grain,
        account_id as entity_id,
        *
    from ranked

    union all

    select
        'parent' as grain,
        ultimate_parent_id as entity_id,
        *
    from ranked

),

grouped as (

    select
        period_end_on,
        window_months,
        grain,
        entity_id,
        {{ money('sum(opening_mrr)') }} as opening_mrr,
        {{ money('sum(closing_mrr_raw)') }} as closing_mrr_raw,
        {{ money('sum(closing_mrr_constant)') }} as closing_mrr_constant,
        max_by(tier, size_rank) as tier,
        max_by(desired_outcome, size_rank) as desired_outcome,
        max_by(engagement_model, size_rank) as engagement_model
    from members
    group by period_end_on, window_months, grain, entity_id

)

select * from grouped
where opening_mrr > 0
