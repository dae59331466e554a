{# What each account paid at the end of its first paid day, and what it was then. #}
with

segments as (

    select * from {{ ref('int_account_segments_described') }}

),

balances as (

    select * from {{ ref('int_account_balances_accumulated') }}

),

started as (

    select
        segments.account_id,
        segments.first_paid_on as started_on,
        {{ month_index('segments.first_paid_on') }} as start_month_number,
        balances.mrr_at_last_change as starting_mrr,
        segments.tier,
        segments.desired_outcome,
        segments.engagement_model,
        segments.owner,
        segments.country,
        segments.segment,
        segments.largest_product,
        segments.start_cohort
    from segments
    inner join balances
        on
            segments.account_id = balances.account_id
            and segments.first_paid_on = balances.valid_from
    where
        segments.first_paid_on >= segments.valid_from
        and segments.first_paid_on < coalesce(segments.valid_to, {{ far_future() }})

)

select * from started
