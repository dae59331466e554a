{# What each account paid at the end of its first paid day, and what it was then. #}
with

account_days as (

    select * from {{ ref('int_account_days_netted') }}

),

balances as (

    select * from {{ ref('int_mrr_balances_accumulated') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

segments as (

    select * from {{ ref('int_account_segments_described') }}

),

starts as (

    select
        account_id,
        min(effective_on) as started_on
    from account_days
    where is_paying_after
    group by account_id

),

valued as (

    select
        starts.account_id,
        starts.started_on,
        {{ money(
            'sum(' ~ converted('balances.mrr_native', 'rates.rate') ~ ')'
        ) }} as starting_mrr
    from starts
    inner join balances
        on
            starts.account_id = balances.account_id
            and starts.started_on = balances.valid_from
    inner join rates
        on
            balances.currency = rates.currency
            and starts.started_on >= rates.valid_from
            and starts.started_on < coalesce(rates.valid_to, {{ far_future() }})
    group by starts.account_id, starts.started_on

),

started as (

    select
        valued.account_id,
        valued.started_on,
        {{ month_index('valued.started_on') }} as start_month_number,
        valued.starting_mrr,
        segments.tier,
        segments.desired_outcome,
        segments.engagement_model,
        segments.owner,
        segments.country,
        segments.largest_product,
        segments.start_cohort
    from valued
    inner join segments
        on
            valued.account_id = segments.account_id
            and valued.started_on >= segments.valid_from
            and valued.started_on < coalesce(segments.valid_to, {{ far_future() }})

)

select * from started
