with

retention as (

    select * from {{ ref('fct_retention') }}

),

account_months as (

    select * from {{ ref('fct_account_mrr_months') }}

),

health_distribution as (

    select * from {{ ref('fct_health_distribution') }}

),

value_cohorts as (

    select * from {{ ref('fct_time_to_value_cohorts') }}

),

board_metrics as (

    select * from {{ ref('board_metrics') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

month_values as (

    select
        mrr_month as metric_month,
        sum(closing_mrr) as mrr,
        {{ ratio('sum(expansion_mrr)', 'sum(closing_mrr)') }} as expansion_of_total,
        {{ ratio('sum(expansion_mrr)', 'sum(expansion_mrr + new_mrr)') }}
            as expansion_of_new,
        cast(null as double) as nrr,
        cast(null as double) as grr,
        cast(null as double) as logo_retention
    from account_months
    group by mrr_month

    union all

    select
        cast(date_trunc('month', period_end_on) as date) as metric_month,
        cast(null as decimal(18, 6)) as mrr,
        cast(null as double) as expansion_of_total,
        cast(null as double) as expansion_of_new,
        nrr_rate as nrr,
        grr_rate as grr,
        logo_retention_rate as logo_retention
    from retention
    where is_headline

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

value_months as (

    select
        cohort_month as metric_month,
        'value_reached_in_time_share' as metric,
        reached_rate as metric_value
    from value_cohorts
    where within_days = {{ var('board_value_within_days') }}

),

metrics as (

    select
        month_values.metric_month,
        board_metrics.metric,
        cast(
            case board_metrics.metric
                when 'mrr' then month_values.mrr
                when 'nrr' then month_values.nrr
                when 'grr' then month_values.grr
                when 'logo_retention' then month_values.logo_retention
                when 'expansion_share_of_recurring_revenue'
                    then month_values.expansion_of_total
                when 'expansion_share_of_new_recurring_revenue'
                    then month_values.expansion_of_new
            end as double
        ) as metric_value
    from month_values
    cross join board_metrics

    union all

    select * from health_months

    union all

    select * from value_months

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
