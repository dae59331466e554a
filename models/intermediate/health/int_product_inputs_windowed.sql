{#
    What counts, for how much, and on which days: known already and not too old yet. Days
    beyond those to score are cut off, so that a daily run sums a day and no more.
#}
with

feature_days as (

    select * from {{ ref('int_feature_days_rolled_up') }}

),

uses as (

    select * from {{ ref('int_feature_uses_recalled') }}

),

uses_begun as (

    select * from {{ ref('int_product_uses_begun') }}

),

accounts as (

    select * from {{ ref('int_health_accounts_awaited') }}

),

daily as (

    select
        account_id,
        is_use,
        occurred_on,
        known_on,
        sum(event_count) as event_count
    from uses
    group by account_id, is_use, occurred_on, known_on

),

windowed as (

    select
        account_id,
        case when is_use then 'use_events' else 'friction_events' end as input_name,
        known_on as counts_from,
        {{ days_after(var('usage_window_days'), 'occurred_on') }} as counts_to,
        event_count as amount
    from daily

    union all

    select
        account_id,
        'baseline_events' as input_name,
        greatest(
            known_on, {{ days_after(var('usage_window_days'), 'occurred_on') }}
        ) as counts_from,
        {{ days_after(
            var('usage_window_days') + var('usage_baseline_days'), 'occurred_on'
        ) }} as counts_to,
        event_count as amount
    from daily
    where is_use

    union all

    select
        account_id,
        'first_event' as input_name,
        min(known_on) as counts_from,
        {{ far_future() }} as counts_to,
        1 as amount
    from feature_days
    group by account_id

    union all

    select
        account_id,
        'uses_begun' as input_name,
        begun_on as counts_from,
        {{ far_future() }} as counts_to,
        1 as amount
    from uses_begun

),

clipped as (

    select
        windowed.account_id,
        windowed.input_name,
        case
            when windowed.input_name in ('first_event', 'uses_begun')
                then windowed.counts_from
            else greatest(windowed.counts_from, accounts.scored_from)
        end as counts_from,
        least(
            windowed.counts_to, {{ days_after(1, 'accounts.scored_to') }}
        ) as counts_to,
        windowed.amount
    from windowed
    inner join accounts
        on windowed.account_id = accounts.account_id

),

summed as (

    select
        account_id,
        input_name,
        counts_from,
        counts_to,
        sum(amount) as amount
    from clipped
    where counts_from < counts_to
    group by account_id, input_name, counts_from, counts_to

)

select * from summed
