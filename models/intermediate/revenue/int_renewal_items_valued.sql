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

told as (

    select
        *,
        case when valid_from <= contract_end_on then contract_end_on end
            as told_end_on
    from items
    where is_paying

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

-- A line of a contract begins when its first version does, however often it changes.
lines as (

    select
        *,
        min(valid_from) over (
            partition by
                account_id, currency, subscription_id, product, told_end_on
        ) as line_started_on,
        max(coalesce(valid_to, {{ far_future() }})) over (
            partition by account_id, item_id
        ) as item_ends_on
    from told

),

valued as (

    select
        settlements.account_id,
        settlements.settles_on,
        settlements.is_open,
        lines.item_id,
        lines.subscription_id,
        lines.product,
        lines.currency,
        lines.valid_from,
        contracts.contract_end_on as due_contract_end_on,
        lines.told_end_on,
        lines.line_started_on,
        lines.notice_on,
        lines.mrr,
        rates.rate,
        cast(lines.mrr as decimal(24, 6)) * cast(rates.rate as decimal(13, 8))
            as amount,
        lines.valid_from <= settlements.measured_on as is_before,
        lines.valid_from <= settlements.settles_on
        and coalesce(lines.valid_to, {{ far_future() }}) > settlements.settles_on
        and not settlements.is_open as is_after,
        coalesce(lines.valid_to, {{ far_future() }}) as valid_to,
        -- Of what lies ahead, a next version of the item that is known is no end.
        case
            when settlements.is_open then lines.item_ends_on
            else coalesce(lines.valid_to, {{ far_future() }})
        end as stops_on
    from settlements
    inner join lines
        on
            settlements.account_id = lines.account_id
            and settlements.observed_until >= lines.valid_from
            and settlements.measured_on < coalesce(lines.valid_to, {{ far_future() }})
    inner join rates
        on
            lines.currency = rates.currency
            and settlements.measured_on >= rates.counted_from
            and settlements.measured_on < coalesce(rates.valid_to, {{ far_future() }})
    left join contracts
        on
            settlements.account_id = contracts.account_id
            and settlements.settles_on = contracts.settles_on
            and lines.told_end_on = contracts.contract_end_on

),

flagged as (

    select
        *,
        bool_or(is_before and due_contract_end_on is not null) over (
            partition by account_id, settles_on, product
        ) as is_due_product,
        bool_or(is_after) over (partition by account_id, settles_on) as is_paying_after
    from valued

)

select * from flagged
