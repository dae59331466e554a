{{ config(materialized='table') }}
{# Uses and friction within reach of the days to score; known before them is known. #}
with

uses as (

    select * from {{ ref('int_feature_uses_classified') }}

),

accounts as (

    select * from {{ ref('int_health_accounts_awaited') }}

),

recalled as (

    select
        uses.account_id,
        uses.user_id,
        uses.feature,
        uses.use_case,
        uses.is_core,
        uses.is_use,
        uses.occurred_on,
        greatest(uses.known_on, accounts.scored_from) as known_on,
        uses.event_count
    from uses
    inner join accounts
        on
            uses.account_id = accounts.account_id
            and uses.known_on <= accounts.scored_to
            and uses.occurred_on
            > {{ days_after(
                '-' ~ (var('usage_window_days') + var('usage_baseline_days')),
                'accounts.scored_from'
            ) }}
    where
        uses.is_use
        or uses.is_friction

)

select * from recalled
