with

warnings as (

    select * from {{ ref('fct_health_warnings') }}

),

segment_dimensions as (

    select * from {{ ref('segment_dimensions') }}

),

segmented as (

    select
        warnings.*,
        segment_dimensions.segment_dimension,
        case segment_dimensions.segment_dimension
            when 'all' then 'all'
            when 'tier' then warnings.tier
            when 'desired_outcome' then warnings.desired_outcome
            when 'engagement_model' then warnings.engagement_model
        end as segment_value
    from warnings
    inner join segment_dimensions
        on segment_dimensions.segment_dimension in (
            'all', 'tier', 'desired_outcome', 'engagement_model'
        )

),

-- Who was not warned of was warned of 0 days before.
warned as (

    select
        segment_dimension,
        segment_value,
        'below_green' as warning,
        coalesce(below_green_lead_days, 0) as lead_days,
        is_below_green_60_to_90,
        mrr
    from segmented

    union all

    select
        segment_dimension,
        segment_value,
        'red' as warning,
        coalesce(red_lead_days, 0) as lead_days,
        cast(null as boolean) as is_below_green_60_to_90,
        mrr
    from segmented

),

summed as (

    select
        segment_dimension,
        segment_value,
        warning,
        count(*) as loss_count,
        count_if(lead_days > 0) as warned_count,
        percentile_cont(0.25) within group (order by lead_days) as lead_days_p25,
        percentile_cont(0.5) within group (order by lead_days) as lead_days_median,
        percentile_cont(0.75) within group (order by lead_days) as lead_days_p75,
        count(case when lead_days >= 30 then 1 end) as warned_30_count,
        count(case when lead_days >= 60 then 1 end) as warned_60_count,
        count(case when lead_days >= 90 then 1 end) as warned_90_count,
        count(is_below_green_60_to_90) as told_60_to_90_count,
        count_if(is_below_green_60_to_90) as below_green_60_to_90_count,
        sum(mrr) as lost_mrr,
        sum(case when lead_days > 0 then mrr else 0 end) as warned_mrr
    from warned
    group by segment_dimension, segment_value, warning

),

contracted as (

    select
        cast(segment_dimension as string) as segment_dimension,
        cast(segment_value as string) as segment_value,
        cast(warning as string) as warning,

        cast(loss_count as bigint) as loss_count,
        cast(warned_count as bigint) as warned_count,
        cast(loss_count - warned_count as bigint) as never_warned_count,
        cast(lead_days_p25 as double) as lead_days_p25,
        cast(lead_days_median as double) as lead_days_median,
        cast(lead_days_p75 as double) as lead_days_p75,
        {{ ratio('warned_30_count', 'loss_count') }} as warned_30_days_rate,
        {{ ratio('warned_60_count', 'loss_count') }} as warned_60_days_rate,
        {{ ratio('warned_90_count', 'loss_count') }} as warned_90_days_rate,
        cast(told_60_to_90_count as bigint) as told_60_to_90_count,
        {{ ratio('below_green_60_to_90_count', 'told_60_to_90_count') }}
            as below_green_60_to_90_rate,
        {{ money('lost_mrr') }} as lost_mrr,
        {{ money('warned_mrr') }} as warned_mrr
    from summed

)

select * from contracted
