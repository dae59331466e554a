{{ config(materialized='table') }}
{# Paying days that no earlier run has scored to their end; in a first run, all. #}
with

days as (

    select * from {{ ref('int_health_days_spined') }}

),

remembered as (

    select * from {{ ref('stg_run__health_days') }}

),

complete as (

    select
        account_id,
        health_on
    from remembered
    where
        computed_from_received_until
        = cast({{ days_after(1, 'health_on') }} as timestamp)

),

awaited as (

    select
        days.account_id,
        days.health_on,
        days.spell_key,
        days.engagement_model,
        {{ dbt.datediff('days.first_paid_on', 'days.health_on', 'day') }}
            as account_age_days
    from days
    left join complete
        on
            days.account_id = complete.account_id
            and days.health_on = complete.health_on
    where complete.account_id is null

)

select * from awaited
