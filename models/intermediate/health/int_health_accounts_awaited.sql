{{ config(materialized='table') }}
{# What a day needs lies within the windows before it: nothing else is read. #}
with

awaited as (

    select * from {{ ref('int_health_days_awaited') }}

),

accounts as (

    select
        account_id,
        min(health_on) as scored_from,
        max(health_on) as scored_to
    from awaited
    group by account_id

)

select * from accounts
