{{ config(materialized='table') }}
{# One row per account and paying day. A spell is a run of such days without a gap. #}
with

balances as (

    select * from {{ ref('int_account_mrr_revalued') }}

),

segments as (

    select * from {{ ref('int_account_segments_assigned') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

dates_passed as (

    select dates.date_on
    from dates
    inner join clock
        on dates.date_on <= clock.as_of_on

),

paid_days as (

    select
        balances.account_id,
        dates_passed.date_on as health_on,
        balances.mrr
    from balances
    inner join dates_passed
        on
            balances.valid_from <= dates_passed.date_on
            and coalesce(balances.valid_to, {{ far_future() }}) > dates_passed.date_on
    where balances.mrr > 0

),

numbered as (

    select
        *,
        row_number() over (
            partition by account_id
            order by health_on
        ) as day_number,
        min(health_on) over (partition by account_id) as first_paid_on
    from paid_days

),

spined as (

    select
        numbered.account_id,
        numbered.health_on,
        {{ days_after('-numbered.day_number', 'numbered.health_on') }} as spell_key,
        segments.ultimate_parent_id,
        segments.tier,
        segments.desired_outcome,
        segments.engagement_model,
        numbered.first_paid_on,
        numbered.mrr
    from numbered
    inner join segments
        on
            numbered.account_id = segments.account_id
            and numbered.health_on >= segments.valid_from
            and numbered.health_on < coalesce(segments.valid_to, {{ far_future() }})

)

select * from spined
