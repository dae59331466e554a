with

measured as (

    select * from {{ ref('int_health_validation_measured') }}

),

contracted as (

    select
        cast(scorer as string) as scorer,
        cast(foil as string) as foil,
        cast(segment_dimension as string) as segment_dimension,
        cast(segment_value as string) as segment_value,
        cast(period as string) as period,

        cast(observation_count - unscored_count as bigint) as compared_count,
        cast(lost_observation_count - unscored_lost_count as bigint)
            as compared_lost_count,
        cast(auc as double) as auc,
        cast(auc - auc_gain as double) as foil_auc,
        cast(auc_gain as double) as auc_gain,
        cast(auc_gain_low as double) as auc_gain_low,
        cast(auc_gain_high as double) as auc_gain_high,

        coalesce(auc_gain_low > 0, false) as is_foil_beaten
    from measured
    where foil is not null

)

select * from contracted
