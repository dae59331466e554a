{# All amounts of one settlement stand at one rate, unrounded: what did not change must
   compare as equal, to the last digit. #}
with

contracts as (

    select * from {{ ref('int_contracts_dated') }}

),

items as (

    select * from {{ ref('int_subscription_items_priced') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

settlements as (

    select
        contracts.account_id,
        contracts.settles_on,
        contracts.measured_on,
        contracts.is_open,
        least(
            {{ days_after(var('late_renewal_grace_days'), 'contracts.settles_on') }},
            clock.as_of_on
        ) as observed_until
    from contracts
    cross join clock
    group by
        contracts.account_id,
        contracts.settles_on,
        contracts.measured_on,
        contracts.is_open,
        clock.as_of_on

),

valued as (

    select
        settlements.account_id,
        settlements.settles_on,
        settlements.is_open,
        items.item_id,
        items.subscription_id,
        items.product,
        items.valid_from,
        contracts.contract_end_on as due_contract_end_on,
        items.notice_on,
        cast(items.mrr as decimal(24, 6)) * cast(rates.rate as decimal(13, 8))
            as amount,
        items.valid_from <= settlements.measured_on as is_before,
        items.valid_from <= settlements.settles_on
        and coalesce(items.valid_to, {{ far_future() }}) > settlements.settles_on
        and not settlements.is_open as is_after,
        coalesce(items.valid_to, {{ far_future() }}) as valid_to
    from settlements
    inner join items
        on
            settlements.account_id = items.account_id
            and settlements.observed_until >= items.valid_from
            and settlements.measured_on < coalesce(items.valid_to, {{ far_future() }})
    inner join rates
        on
            items.currency = rates.currency
            and settlements.measured_on >= rates.counted_from
            and settlements.measured_on < coalesce(rates.valid_to, {{ far_future() }})
    left join contracts
        on
            settlements.account_id = contracts.account_id
            and settlements.settles_on = contracts.settles_on
            and items.contract_end_on = contracts.contract_end_on
            and items.valid_from <= contracts.contract_end_on
    where items.is_paying

)

select * from valued
