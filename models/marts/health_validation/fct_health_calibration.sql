{# Deciles are those of the whole book, so that a segment can be read against it. #}
with

outcomes as (

    select * from {{ ref('fct_health_outcomes') }}

),

segment_dimensions as (

    select * from {{ ref('segment_dimensions') }}

),

ranked as (

    select
        *,
        percent_rank() over (
            partition by scorer, score is null
            order by score
        ) as score_rank
    from outcomes

),

binned as (

    select
        scorer,
        ultimate_parent_id,
        tier,
        desired_outcome,
        engagement_model,
        score,
        mrr,
        is_followed_by_loss,
        'decile' as bin_kind,
        case
            when score is null then 'unscored'
            -- Equal scores share a decile.
            else lpad(
                cast(least(cast(floor(score_rank * 10) as int) + 1, 10) as string),
                2, '0'
            )
        end as bin
    from ranked

    union all

    select
        scorer,
        ultimate_parent_id,
        tier,
        desired_outcome,
        engagement_model,
        score,
        mrr,
        is_followed_by_loss,
        'band' as bin_kind,
        health_band as bin
    from ranked
    where health_band is not null

),

segmented as (

    select
        binned.*,
        segment_dimensions.segment_dimension,
        case segment_dimensions.segment_dimension
            when 'all' then 'all'
            when 'tier' then binned.tier
            when 'desired_outcome' then binned.desired_outcome
            when 'engagement_model' then binned.engagement_model
        end as segment_value
    from binned
    inner join segment_dimensions
        on segment_dimensions.segment_dimension in (
            'all', 'tier', 'desired_outcome', 'engagement_model'
        )

),

counted as (

    select
        scorer,
        segment_dimension,
        segment_value,
        bin_kind,
        bin,
        count(*) as observation_count,
        count(distinct ultimate_parent_id) as customer_count,
        count_if(is_followed_by_loss) as lost_observation_count,
        min(score) as lowest_score,
        max(score) as highest_score,
        sum(mrr) as mrr,
        sum(case when is_followed_by_loss then mrr else 0 end) as lost_mrr
    from segmented
    group by scorer, segment_dimension, segment_value, bin_kind, bin

),

rated as (

    select
        *,
        {{ ratio('lost_observation_count', 'observation_count') }} as loss_rate,
        {{ var('interval_normal_quantile') }}
        * {{ var('interval_normal_quantile') }} / customer_count as z_share
    from counted

),

-- Wilson's interval; n is customers, as their months are no new evidence.
bounded as (

    select
        *,
        (
            loss_rate + z_share / 2
            - sqrt(z_share * loss_rate * (1 - loss_rate) + z_share * z_share / 4)
        ) / (1 + z_share) as loss_low_rate,
        (
            loss_rate + z_share / 2
            + sqrt(z_share * loss_rate * (1 - loss_rate) + z_share * z_share / 4)
        ) / (1 + z_share) as loss_high_rate
    from rated

),

contracted as (

    select
        cast(scorer as string) as scorer,
        cast(segment_dimension as string) as segment_dimension,
        cast(segment_value as string) as segment_value,
        cast(bin_kind as string) as bin_kind,
        cast(bin as string) as bin,

        cast(lowest_score as double) as lowest_score,
        cast(highest_score as double) as highest_score,
        cast(observation_count as bigint) as observation_count,
        cast(customer_count as bigint) as customer_count,
        cast(lost_observation_count as bigint) as lost_observation_count,
        loss_rate,
        cast({{ within_rounding('loss_low_rate', 0, 'loss_rate') }} as double)
            as loss_low_rate,
        cast({{ within_rounding('loss_high_rate', 'loss_rate', 1) }} as double)
            as loss_high_rate,
        {{ money_of_months('mrr') }} as mrr,
        {{ money_of_months('lost_mrr') }} as lost_mrr
    from bounded

)

select * from contracted
