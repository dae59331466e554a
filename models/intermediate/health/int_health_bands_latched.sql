{#
    One latch per threshold: it closes at the threshold, opens below threshold - width, and
    in between stays as it was. The last decided day wins; its parity says how it decided.
#}
with

capped as (

    select * from {{ ref('int_health_scores_capped') }}

),

days as (

    select * from {{ ref('int_health_days_spined') }}

),

numbered as (

    select
        capped.*,
        days.spell_key,
        2 * {{ dbt.datediff(the_beginning(), 'capped.health_on', 'day') }}
            as day_code
    from capped
    inner join days
        on
            capped.account_id = days.account_id
            and capped.health_on = days.health_on

),

decided as (

    select
        *,
        case
            when health_score >= green_from_score then day_code + 1
            when health_score < green_until_score then day_code
        end as green_decision,
        case
            when health_score >= yellow_from_score then day_code + 1
            when health_score < yellow_until_score then day_code
        end as yellow_decision
    from numbered

),

latched as (

    select
        account_id,
        health_on,
        health_score,
        score_before_exceptions,
        exception,
        weakest_measure,
        policy_version,
        coverage_rate,
        input_family_count,
        coalesce(max(green_decision) over spell_so_far % 2 = 1, false)
            as is_green_latched,
        coalesce(max(yellow_decision) over spell_so_far % 2 = 1, false)
            as is_yellow_latched,
        health_score - lag(health_score, 1) over spell_days as score_change_1_day,
        health_score - lag(health_score, 7) over spell_days as score_change_7_days,
        health_score - lag(health_score, 30) over spell_days as score_change_30_days
    from decided
    window
        spell_so_far as (
            partition by account_id, spell_key
            order by health_on
            rows between unbounded preceding and current row
        ),
        spell_days as (
            partition by account_id, spell_key
            order by health_on
        )

)

select * from latched
