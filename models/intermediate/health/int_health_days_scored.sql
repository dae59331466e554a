{# Days that this run scored, with the band and the reason in words. #}
with

capped as (

    select * from {{ ref('int_health_scores_capped') }}

),

latched as (

    select * from {{ ref('int_health_bands_latched') }}

),

measures as (

    select * from {{ ref('health_measures') }}

),

exceptions as (

    select * from {{ ref('health_exceptions') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

measure_words as (

    select
        measure,
        max_by(poor_words, valid_from) as poor_words
    from measures
    group by measure

),

exception_words as (

    select
        exception,
        max_by(description, valid_from) as description
    from exceptions
    group by exception

),

banded as (

    select
        capped.*,
        case
            when latched.is_green_latched then 'green'
            when latched.is_yellow_latched then 'yellow'
            else 'red'
        end as held_band,
        latched.score_change_1_day,
        latched.score_change_7_days,
        latched.score_change_30_days
    from capped
    inner join latched
        on
            capped.account_id = latched.account_id
            and capped.health_on = latched.health_on
    where capped.is_chosen

),

scored as (

    select
        banded.account_id,
        banded.health_on,
        banded.profile,
        case when banded.health_score is null then 'unknown' else banded.held_band end
            as health_band,
        banded.held_band,
        banded.exception,
        banded.weakest_measure,
        banded.strongest_measure,
        case
            when banded.health_score is null
                then 'Too little is known to say'
            when banded.health_score < banded.score_before_exceptions
                then exception_words.description
            else measure_words.poor_words
        end as reason,
        banded.health_score,
        banded.score_before_exceptions as health_score_before_exceptions,
        banded.score_change_1_day,
        banded.score_change_7_days,
        banded.score_change_30_days,
        banded.coverage_rate,
        banded.input_family_count,
        banded.measure_count,
        banded.stalest_input_days,
        banded.policy_version,
        case
            when banded.health_on <= clock.last_complete_on
                then cast({{ days_after(1, 'banded.health_on') }} as timestamp)
            else clock.as_of_at
        end as computed_from_received_until
    from banded
    cross join clock
    left join measure_words
        on banded.weakest_measure = measure_words.measure
    left join exception_words
        on banded.exception = exception_words.exception

)

select * from scored
