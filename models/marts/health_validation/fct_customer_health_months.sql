{# An ultimate parent at a month end: its accounts' scores, weighed by what they pay. #}
with

health_days as (

    select * from {{ ref('fct_account_health_days') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

bands as (

    select
        health_days.ultimate_parent_id,
        health_days.health_on,
        health_days.health_band,
        count(*) as account_count,
        sum(health_days.mrr) as mrr,
        {{ exact_sum('health_days.mrr * health_days.health_score') }} as weighted_score,
        {{ band_rank('health_days.health_band', 'sum(health_days.mrr)') }} as band_rank
    from health_days
    inner join dates
        on health_days.health_on = dates.date_on
    where dates.is_month_end
    group by
        health_days.ultimate_parent_id,
        health_days.health_on,
        health_days.health_band

),

customers as (

    select
        ultimate_parent_id,
        health_on,
        max_by(health_band, band_rank) as health_band,
        sum(account_count) as account_count,
        sum(mrr) as mrr,
        sum(case when health_band <> 'unknown' then mrr else 0 end) as scored_mrr,
        {{ exact_sum('weighted_score') }} as weighted_score
    from bands
    group by ultimate_parent_id, health_on

),

contracted as (

    select
        cast(ultimate_parent_id as string) as ultimate_parent_id,
        cast(health_on as date) as health_on,

        cast(health_band as string) as health_band,

        {{ within_rounding(ratio('weighted_score', 'scored_mrr'), 0, 100) }}
            as health_score,
        {{ money('mrr') }} as mrr,
        {{ ratio('scored_mrr', 'mrr') }} as scored_mrr_rate,
        cast(account_count as bigint) as account_count
    from customers

)

select * from contracted
