with

latched as (

    select * from {{ ref('int_health_bands_latched') }}

),

days as (

    select * from {{ ref('int_health_days_spined') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

contracted as (

    select
        cast(latched.account_id as string) as account_id,
        cast(latched.health_on as date) as health_on,

        cast(days.ultimate_parent_id as string) as ultimate_parent_id,
        cast(days.tier as string) as tier,
        cast(days.desired_outcome as string) as desired_outcome,
        cast(days.engagement_model as string) as engagement_model,
        cast(
            case
                when latched.health_score is null then 'unknown'
                when latched.is_green_latched then 'green'
                when latched.is_yellow_latched then 'yellow'
                else 'red'
            end as string
        ) as health_band,
        cast(latched.exception as string) as exception,
        cast(latched.weakest_measure as string) as weakest_measure,

        cast(latched.health_score as double) as health_score,
        cast(latched.score_before_exceptions as double)
            as health_score_before_exceptions,
        cast(latched.score_change_1_day as double) as score_change_1_day,
        cast(latched.score_change_7_days as double) as score_change_7_days,
        cast(latched.score_change_30_days as double) as score_change_30_days,
        cast(latched.coverage_rate as double) as coverage_rate,
        cast(latched.input_family_count as bigint) as input_family_count,
        {{ money('days.mrr') }} as mrr,

        cast(latched.policy_version as string) as policy_version,
        least(
            cast({{ days_after(1, 'latched.health_on') }} as timestamp), clock.as_of_at
        ) as computed_from_received_until
    from latched
    cross join clock
    inner join days
        on
            latched.account_id = days.account_id
            and latched.health_on = days.health_on

)

select * from contracted
