with

judged as (

    select * from {{ ref('int_renewals_judged') }}

),

segments as (

    select * from {{ ref('int_account_segments_assigned') }}

),

renewals as (

    select
        cast(judged.account_id as string) as account_id,
        cast(judged.contract_end_on as date) as contract_end_on,

        cast(segments.ultimate_parent_id as string) as ultimate_parent_id,
        cast(segments.tier as string) as tier,
        cast(segments.desired_outcome as string) as desired_outcome,
        cast(segments.engagement_model as string) as engagement_model,
        cast(segments.owner_id as string) as owner_id,
        cast(judged.outcome as string) as outcome,

        cast(judged.term_starts_on as date) as term_starts_on,
        cast(judged.renewal_decision_on as date) as renewal_decision_on,
        cast(judged.notice_on as date) as notice_on,
        cast(judged.measured_on as date) as measured_on,
        cast(judged.settled_on as date) as settled_on,
        cast(judged.renewed_on as date) as renewed_on,

        cast(judged.term_days as bigint) as term_days,
        {{ money('judged.available_mrr') }} as available_mrr,
        {{ money('judged.won_mrr') }} as won_mrr,
        {{ money('judged.late_mrr') }} as late_mrr,
        {{ money('judged.lost_mrr') }} as lost_mrr,
        {{ money('judged.open_mrr') }} as open_mrr,
        {{ money('judged.uplift_mrr') }} as uplift_mrr,

        judged.is_early,
        judged.is_multi_year,
        judged.is_provisional
    from judged
    left join segments
        on
            judged.account_id = segments.account_id
            and judged.measured_on >= segments.valid_from
            and judged.measured_on < coalesce(segments.valid_to, {{ far_future() }})

)

select * from renewals
