with

accounts as (

    select * from {{ ref('int_accounts_conformed') }}

),

segments as (

    select * from {{ ref('int_account_segments_assigned') }}

),

balances as (

    select * from {{ ref('int_account_balances_accumulated') }}

),

revalued as (

    select * from {{ ref('int_account_mrr_revalued') }}

),

account_days as (

    select * from {{ ref('int_account_days_classified') }}

),

versions as (

    select * from {{ ref('int_account_versions_conformed') }}

),

histories as (

    select
        account_id,
        bool_or(has_history) as has_history
    from versions
    group by account_id

),

revenue as (

    select
        account_id,
        min(case when mrr_at_last_change > 0 then valid_from end) as first_paid_on,
        max(case when valid_to is null then seat_count end) as current_seats
    from balances
    group by account_id

),

departures as (

    select
        account_id,
        max_by(
            case
                when movement = 'churn' then effective_on
                else coalesce(cancelled_on, {{ far_future() }})
            end,
            effective_on
        ) as left_on
    from account_days
    group by account_id

),

described as (

    select
        cast(accounts.account_id as string) as account_id,
        cast(accounts.account_name as string) as account_name,
        cast(segments.parent_account_id as string) as parent_account_id,
        cast(segments.ultimate_parent_id as string) as ultimate_parent_id,
        cast(segments.owner_id as string) as owner_id,
        cast(segments.desired_outcome as string) as desired_outcome,
        cast(segments.tier as string) as tier,
        cast(segments.engagement_model as string) as engagement_model,
        cast(segments.growth_potential as string) as growth_potential,
        cast(segments.country as string) as country,
        cast(segments.segment as string) as segment,
        cast(accounts.industry as string) as industry,
        cast(accounts.source_system as string) as source_system,
        cast(accounts.created_on as date) as created_on,
        cast(revenue.first_paid_on as date) as first_paid_on,
        cast(nullif(departures.left_on, {{ far_future() }}) as date) as left_on,
        {{ money('coalesce(revalued.mrr, 0)') }} as current_mrr,
        cast(coalesce(revenue.current_seats, 0) as double) as current_seats,
        cast(accounts.employee_count as bigint) as employee_count,
        cast(segments.is_strategic as boolean) as is_strategic,
        coalesce(revalued.mrr, 0) > 0 as is_paying,
        cast(accounts.is_derived as boolean) as is_derived,
        cast(accounts.is_placeholder as boolean) as is_placeholder,
        cast(histories.has_history as boolean) as has_history
    from accounts
    inner join segments
        on
            accounts.account_id = segments.account_id
            and segments.valid_to is null
    inner join histories
        on accounts.account_id = histories.account_id
    left join revenue
        on accounts.account_id = revenue.account_id
    left join revalued
        on
            accounts.account_id = revalued.account_id
            and revalued.valid_to is null
    left join departures
        on accounts.account_id = departures.account_id

)

select * from described
