with

measured as (

    select * from {{ ref('int_health_validation_measured') }}

),

scorers as (

    select * from {{ ref('health_scorers') }}

),

ends_told as (

    select * from {{ ref('int_book_ends_judged') }}

),

judged as (

    select
        measured.*,
        scorers.is_foil,
        case
            when scorers.is_foil then 'foil'
            when measured.auc_low is null then 'too_few_losses'
            when ends_told.are_ends_current then 'past_ends_unknown'
            when measured.unbeaten_foils is null then 'beats_its_foils'
            when measured.beaten_foils is not null then 'beats_some_foils'
            else 'does_not_beat_its_foils'
        end as verdict
    from measured
    cross join ends_told
    inner join scorers
        on measured.scorer = scorers.scorer
    where measured.foil is null

),

contracted as (

    select
        cast(scorer as string) as scorer,
        cast(segment_dimension as string) as segment_dimension,
        cast(segment_value as string) as segment_value,
        cast(period as string) as period,

        cast(verdict as string) as verdict,
        cast(
            case verdict
                when 'foil' then 'Stands here to be beaten'
                when 'too_few_losses'
                    then concat_ws(
                        ' ', 'Too few lost customers for an interval:',
                        cast(cast(lost_customer_count as bigint) as string)
                    )
                when 'past_ends_unknown'
                    then 'Most contract ends are those of today, not those known then'
                when 'beats_its_foils'
                    then concat_ws(' ', 'Beats:', beaten_foils)
                when 'beats_some_foils'
                    then concat_ws(
                        ' ', 'Beats:', beaten_foils, '- not shown to beat:',
                        unbeaten_foils
                    )
                else concat_ws(' ', 'Not shown to beat:', unbeaten_foils)
            end as string
        ) as verdict_reason,

        cast({{ var('health_label_lead_days') }} as bigint) as lead_days,
        cast({{ var('health_label_horizon_days') }} as bigint) as horizon_days,
        cast(observation_count as bigint) as observation_count,
        cast(customer_count as bigint) as customer_count,
        cast(lost_observation_count as bigint) as lost_observation_count,
        cast(lost_customer_count as bigint) as lost_customer_count,
        cast(early_leaver_count as bigint) as early_leaver_count,
        cast(unscored_count as bigint) as unscored_count,
        cast(unscored_lost_count as bigint) as unscored_lost_count,
        cast(auc as double) as auc,
        cast(auc_low as double) as auc_low,
        cast(auc_high as double) as auc_high,
        cast(auc_p_value as double) as auc_p_value,
        cast(mrr_weighted_auc as double) as mrr_weighted_auc,
        cast(auc_without_early_leavers as double) as auc_without_early_leavers,
        cast(worst_decile_lift as double) as worst_decile_lift,
        cast(listed_count as double) as listed_at_capacity,
        cast(precision_at_capacity as double) as precision_at_capacity_rate,
        cast(recall_at_capacity as double) as recall_at_capacity_rate,
        cast(red_loss_ratio as double) as red_loss_ratio,
        cast(red_share as double) as red_rate,
        cast(green_share as double) as green_rate,
        cast(stability_index as double) as stability_index,

        cast(is_foil as boolean) as is_foil
    from judged

)

select * from contracted
