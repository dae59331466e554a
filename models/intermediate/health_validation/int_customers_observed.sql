{# A customer is an ultimate parent; it has the segments of its largest account. #}
with

balances as (

    select * from {{ ref('int_account_mrr_revalued') }}

),

segments as (

    select * from {{ ref('int_account_segments_assigned') }}

),

outlooks as (

    select * from {{ ref('int_contract_outlooks_dated') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

-- What became of a customer is known once a gap can no longer be a late renewal.
observed_days as (

    select dates.date_on as observed_on
    from dates
    inner join clock
        on
            {{ days_after(
                var('health_label_lead_days') + var('health_label_horizon_days')
                + var('late_renewal_grace_days'), 'dates.date_on'
            ) }} <= clock.as_of_on
    where dates.is_month_end

),

paying as (

    select
        observed_days.observed_on,
        balances.account_id,
        balances.mrr,
        concat_ws(
            '|', lpad(cast(balances.mrr as string), 30, '0'), balances.account_id
        ) as size_rank
    from balances
    inner join observed_days
        on
            balances.valid_from <= observed_days.observed_on
            and coalesce(balances.valid_to, {{ far_future() }})
            > observed_days.observed_on
    where balances.mrr > 0

),

placed as (

    select
        paying.*,
        segments.ultimate_parent_id,
        segments.tier,
        segments.desired_outcome,
        segments.engagement_model,
        outlooks.seat_count,
        coalesce(
            outlooks.decision_on,
            case
                when outlooks.is_month_to_month
                    then {{ days_after(
                        var('month_to_month_days'), 'paying.observed_on'
                    ) }}
            end
        ) as decision_on,
        coalesce(outlooks.is_notice_given, false) as is_notice_given
    from paying
    inner join segments
        on
            paying.account_id = segments.account_id
            and paying.observed_on >= segments.valid_from
            and paying.observed_on < coalesce(segments.valid_to, {{ far_future() }})
    left join outlooks
        on
            paying.account_id = outlooks.account_id
            and paying.observed_on >= outlooks.valid_from
            and paying.observed_on < coalesce(outlooks.valid_to, {{ far_future() }})

),

observed as (

    select
        ultimate_parent_id,
        observed_on,
        max_by(tier, size_rank) as tier,
        max_by(desired_outcome, size_rank) as desired_outcome,
        max_by(engagement_model, size_rank) as engagement_model,
        {{ money('sum(mrr)') }} as mrr,
        sum(seat_count) as seat_count,
        min(decision_on) as decision_on,
        bool_and(is_notice_given) as is_notice_known
    from placed
    group by ultimate_parent_id, observed_on

)

select * from observed
where not is_notice_known
