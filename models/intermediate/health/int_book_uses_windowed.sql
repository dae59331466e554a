{# Use of the whole book; an account counts once its baseline is whole. #}
with

uses as (

    select * from {{ ref('int_feature_uses_classified') }}

),

uses_begun as (

    select * from {{ ref('int_product_uses_begun') }}

),

accounts_awaited as (

    select * from {{ ref('int_health_accounts_awaited') }}

),

reach as (

    select min(scored_from) as scored_from
    from accounts_awaited

),

starts as (

    select
        account_id,
        {{ days_after(
            var('usage_window_days') + var('usage_baseline_days') - 1, 'begun_on'
        ) }} as counts_from
    from uses_begun

),

daily as (

    select
        uses.account_id,
        uses.occurred_on,
        uses.known_on,
        sum(uses.event_count) as event_count
    from uses
    inner join reach
        on {{ days_after(
            var('usage_window_days') + var('usage_baseline_days'), 'uses.occurred_on'
        ) }} > reach.scored_from
    where uses.is_use
    group by uses.account_id, uses.occurred_on, uses.known_on

),

windowed as (

    select
        greatest(daily.known_on, starts.counts_from) as counts_from,
        {{ days_after(var('usage_window_days'), 'daily.occurred_on') }} as counts_to,
        daily.event_count as use_events,
        0 as baseline_events,
        0 as accounts
    from daily
    inner join starts
        on daily.account_id = starts.account_id

    union all

    select
        greatest(
            daily.known_on,
            starts.counts_from,
            {{ days_after(var('usage_window_days'), 'daily.occurred_on') }}
        ) as counts_from,
        {{ days_after(
            var('usage_window_days') + var('usage_baseline_days'), 'daily.occurred_on'
        ) }} as counts_to,
        0 as use_events,
        daily.event_count as baseline_events,
        0 as accounts
    from daily
    inner join starts
        on daily.account_id = starts.account_id

    union all

    select
        counts_from,
        {{ far_future() }} as counts_to,
        0 as use_events,
        0 as baseline_events,
        1 as accounts
    from starts

)

select * from windowed
where counts_from < counts_to
