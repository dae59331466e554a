with

health_days as (

    select * from {{ ref('fct_account_health_days') }}

),

by_segment as (

    select
        health_on,
        'all' as segment_dimension,
        'all' as segment_value,
        health_band,
        mrr
    from health_days

    union all

    select
        health_on,
        'tier' as segment_dimension,
        tier as segment_value,
        health_band,
        mrr
    from health_days

    union all

    select
        health_on,
        'desired_outcome' as segment_dimension,
        desired_outcome as segment_value,
        health_band,
        mrr
    from health_days

    union all

    select
        health_on,
        'engagement_model' as segment_dimension,
        engagement_model as segment_value,
        health_band,
        mrr
    from health_days

),

counted as (

    select
        health_on,
        segment_dimension,
        segment_value,
        health_band,
        count(*) as account_count,
        sum(mrr) as mrr
    from by_segment
    group by health_on, segment_dimension, segment_value, health_band

),

shared as (

    select
        *,
        sum(account_count) over segment_days as segment_account_count,
        sum(mrr) over segment_days as segment_mrr
    from counted
    window segment_days as (
        partition by health_on, segment_dimension, segment_value
    )

),

contracted as (

    select
        cast(health_on as date) as health_on,
        cast(segment_dimension as string) as segment_dimension,
        cast(segment_value as string) as segment_value,
        cast(health_band as string) as health_band,

        cast(account_count as bigint) as account_count,
        {{ money('mrr') }} as mrr,
        {{ ratio('account_count', 'segment_account_count') }} as account_rate,
        {{ ratio('mrr', 'segment_mrr') }} as mrr_rate
    from shared

)

select * from contracted
