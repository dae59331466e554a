{#
    One latch per threshold: it closes at the threshold, opens below threshold - width, and
    in between stays as it was. The last decided day wins; its parity says how it decided.
    Days that an earlier run scored only hand on their latches and their scores.
#}
with

capped as (

    select * from {{ ref('int_health_scores_capped') }}

),

remembered as (

    select * from {{ ref('stg_run__health_days') }}

),

days as (

    select * from {{ ref('int_health_days_spined') }}

),

accounts as (

    select * from {{ ref('int_health_accounts_awaited') }}

),

decided as (

    select
        account_id,
        health_on,
        spell_key,
        health_score,
        case
            when health_score >= green_from_score then 1
            when health_score < green_until_score then 0
        end as is_green,
        case
            when health_score >= yellow_from_score then 1
            when health_score < yellow_until_score then 0
        end as is_yellow
    from capped
    where is_chosen

),

-- The longest change that is told looks 30 days back.
handed_on as (

    select
        remembered.account_id,
        remembered.health_on,
        days.spell_key,
        remembered.health_score,
        case when remembered.held_band = 'green' then 1 else 0 end as is_green,
        case when remembered.held_band <> 'red' then 1 else 0 end as is_yellow
    from remembered
    inner join days
        on
            remembered.account_id = days.account_id
            and remembered.health_on = days.health_on
    inner join accounts
        on
            remembered.account_id = accounts.account_id
            and remembered.health_on >= {{ days_after(-30, 'accounts.scored_from') }}
    left join decided
        on
            remembered.account_id = decided.account_id
            and remembered.health_on = decided.health_on
    where decided.account_id is null

),

sequenced as (

    select
        account_id,
        health_on,
        spell_key,
        health_score,
        is_green,
        is_yellow
    from decided

    union all

    select
        account_id,
        health_on,
        spell_key,
        health_score,
        is_green,
        is_yellow
    from handed_on

),

coded as (

    select
        *,
        2 * {{ dbt.datediff(the_beginning(), 'health_on', 'day') }}
            as day_code
    from sequenced

),

latched as (

    select
        account_id,
        health_on,
        coalesce(max(day_code + is_green) over spell_so_far % 2 = 1, false)
            as is_green_latched,
        coalesce(max(day_code + is_yellow) over spell_so_far % 2 = 1, false)
            as is_yellow_latched,
        health_score - lag(health_score, 1) over spell_days as score_change_1_day,
        health_score - lag(health_score, 7) over spell_days as score_change_7_days,
        health_score - lag(health_score, 30) over spell_days as score_change_30_days
    from coded
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
