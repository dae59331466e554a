{# The plan that weighs most in what an account paid on its first paid day. #}
with

clocks as (

    select * from {{ ref('int_value_clocks_started') }}

),

items as (

    select * from {{ ref('int_subscription_items_priced') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

valued as (

    select
        clocks.account_id,
        coalesce(items.plan, 'unknown') as plan,
        sum({{ converted('items.mrr', 'rates.rate') }}) as mrr
    from clocks
    inner join items
        on
            clocks.account_id = items.account_id
            and clocks.clock_started_on >= items.valid_from
            and clocks.clock_started_on < coalesce(items.valid_to, {{ far_future() }})
    inner join rates
        on
            items.currency = rates.currency
            and clocks.clock_started_on >= rates.valid_from
            and clocks.clock_started_on < coalesce(rates.valid_to, {{ far_future() }})
    where items.is_paying
    group by clocks.account_id, coalesce(items.plan, 'unknown')

),

ranked as (

    select
        account_id,
        plan,
        row_number() over (
            partition by account_id
            order by mrr desc, plan asc
        ) as plan_rank
    from valued

),

found as (

    select
        account_id,
        plan
    from ranked
    where plan_rank = 1

)

select * from found
