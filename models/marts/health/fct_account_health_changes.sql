with

health_days as (

    select * from {{ ref('fct_account_health_days') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

comparisons as (

    select
        'month' as comparison,
        month_ends_on as health_on,
        {{ days_after(-1, 'mrr_month') }} as compared_on
    from months
    where is_complete

    union all

    select
        '7_days' as comparison,
        last_complete_on as health_on,
        {{ days_after(-7, 'last_complete_on') }} as compared_on
    from clock

    union all

    select
        '30_days' as comparison,
        last_complete_on as health_on,
        {{ days_after(-30, 'last_complete_on') }} as compared_on
    from clock

),

openings as (

    select
        health_days.*,
        comparisons.comparison,
        comparisons.health_on as closing_on,
        comparisons.compared_on
    from comparisons
    inner join health_days
        on comparisons.compared_on = health_days.health_on

),

closings as (

    select
        health_days.*,
        comparisons.comparison,
        comparisons.health_on as closing_on,
        comparisons.compared_on
    from comparisons
    inner join health_days
        on comparisons.health_on = health_days.health_on

),

contracted as (

    select
        cast(coalesce(openings.account_id, closings.account_id) as string)
            as account_id,
        cast(coalesce(openings.closing_on, closings.closing_on) as date) as health_on,
        cast(coalesce(openings.comparison, closings.comparison) as string)
            as comparison,
        cast(coalesce(openings.compared_on, closings.compared_on) as date)
            as compared_on,

        cast(openings.tier as string) as opening_tier,
        cast(closings.tier as string) as closing_tier,
        cast(openings.desired_outcome as string) as opening_desired_outcome,
        cast(closings.desired_outcome as string) as closing_desired_outcome,
        cast(openings.engagement_model as string) as opening_engagement_model,
        cast(closings.engagement_model as string) as closing_engagement_model,
        cast(openings.health_band as string) as opening_band,
        cast(closings.health_band as string) as closing_band,

        cast(openings.health_score as double) as opening_score,
        cast(closings.health_score as double) as closing_score,
        cast(closings.health_score - openings.health_score as double) as score_change,
        {{ money('coalesce(openings.mrr, 0)') }} as opening_mrr,
        {{ money('coalesce(closings.mrr, 0)') }} as closing_mrr
    from openings
    full outer join closings
        on
            openings.account_id = closings.account_id
            and openings.comparison = closings.comparison
            and openings.closing_on = closings.closing_on

)

select * from contracted
