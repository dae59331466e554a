{# Days on which each user stands in the window of the milestone's event. #}
with

clocks as (

    select * from {{ ref('int_value_clocks_started') }}

),

feature_days as (

    select * from {{ ref('int_feature_days_rolled_up') }}

),

windows as (

    select
        feature_days.account_id,
        feature_days.user_id,
        feature_days.occurred_on as counts_from,
        max({{ days_after('clocks.within_days', 'feature_days.occurred_on') }})
            as counts_to
    from feature_days
    inner join clocks
        on
            feature_days.account_id = clocks.account_id
            and feature_days.event_name = clocks.event_name
    where feature_days.user_id is not null
    group by
        feature_days.account_id, feature_days.user_id, feature_days.occurred_on

),

neighbours as (

    select
        *,
        lag(counts_to) over (
            partition by account_id, user_id
            order by counts_from
        ) as last_counts_to
    from windows

),

numbered as (

    select
        *,
        count_if(last_counts_to is null or last_counts_to < counts_from) over (
            partition by account_id, user_id
            order by counts_from
            rows between unbounded preceding and current row
        ) as span_number
    from neighbours

),

merged as (

    select
        account_id,
        user_id,
        span_number,
        min(counts_from) as counts_from,
        max(counts_to) as counts_to
    from numbered
    group by account_id, user_id, span_number

)

select * from merged
