with

retention as (

    select * from {{ ref('fct_retention') }}

),

account_months as (

    select * from {{ ref('fct_account_mrr_months') }}

),

expansion_shares as (

    select * from {{ ref('fct_expansion_shares') }}

),

health_distribution as (

    select * from {{ ref('fct_health_distribution') }}

),

value_shares as (

    select * from {{ ref('fct_time_to_value_shares') }}

),

board_metrics as (

    select * from {{ ref('board_metrics') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

revenue_months as (

    select
        mrr_month as metric_month,
        'mrr' as metric,
        cast(sum(closing_mrr) as double) as metric_value
    from account_months
    group by mrr_month

    union all

    select
        cast(date_trunc('month', retention.period_end_on) as date) as metric_month,
        board_metrics.metric,
        case board_metrics.metric
            when 'nrr' then retention.nrr_rate
            when 'grr' then retention.grr_rate
            when 'logo_retention' then retention.logo_retention_rate
        end as metric_value
    from retention
    cross join board_metrics
    where retention.is_headline

    union all

    select
        expansion_shares.mrr_month as metric_month,
        board_metrics.metric,
        case board_metrics.metric
            when 'expansion_share_of_recurring_revenue'
                then expansion_shares.expansion_of_recurring_revenue_rate
            when 'expansion_share_of_new_recurring_revenue'
                then expansion_shares.expansion_of_new_recurring_revenue_rate
        end as metric_value
    from expansion_shares
    cross join board_metrics
    where
        expansion_shares.segment_dimension = 'all'
        and expansion_shares.window_months = {{ var('headline_window_months') }}

),

health_months as (

    select
        cast(date_trunc('month', health_distribution.health_on) as date)
            as metric_month,
        concat_ws('_', 'health', health_distribution.health_band, 'share') as metric,
        {{ ratio(
            'health_distribution.account_count',
            'sum(health_distribution.account_count) over ('
            ~ 'partition by health_distribution.health_on)'
        ) }} as metric_value
    from health_distribution
    cross join clock
    where
        health_distribution.segment_dimension = 'all'
        and (
            health_distribution.health_on = clock.as_of_on
            or health_distribution.health_on
            = cast({{ dbt.last_day('health_distribution.health_on', 'month') }} as date)
        )

),

metrics as (

    select
        metric_month,
        metric,
        metric_value
    from revenue_months

    union all

    select
        metric_month,
        metric,
        metric_value
    from health_months

    union all

    select
        cast(concat(segment_value, '-01') as date) as metric_month,
        'value_reached_in_time_share' as metric,
        reached_rate as metric_value
    from value_shares
    where
        segment_dimension = 'start_cohort'
        and within_days = {{ var('board_value_within_days') }}
        and is_fully_observed

),

contracted as (

    select
        cast(metrics.metric_month as date) as metric_month,
        cast(metrics.metric as string) as metric,
        cast(board_metrics.unit as string) as unit,
        cast(board_metrics.definition as string) as definition,
        cast(metrics.metric_value as double) as metric_value
    from metrics
    inner join board_metrics
        on metrics.metric = board_metrics.metric
    where metrics.metric_value is not null

)

select * from contracted
