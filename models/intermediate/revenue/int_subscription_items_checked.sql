{# Every landed version, with the rule it breaks; nothing is left out here. #}
with

items as (

    select * from {{ ref('int_subscription_items_unioned') }}

),

survivors as (

    select * from {{ ref('int_accounts_merged') }}

),

compared as (

    select * from {{ ref('int_subscription_items_compared') }}

),

sized as (

    select * from {{ ref('int_subscription_items_sized') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

billing_intervals as (

    select * from {{ ref('billing_intervals') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

first_rates as (

    select
        currency,
        min(valid_from) as rate_valid_from
    from rates
    group by currency

),

checked as (

    select
        items.source_system,
        case
            when items.source_system <> 'files' then items.item_id
            when survivors.surviving_account_id <> items.account_id
                then concat_ws('|', items.account_id, items.item_id)
            else items.item_id
        end as item_id,
        case
            when items.source_system <> 'files' then items.subscription_id
            when survivors.surviving_account_id <> items.account_id
                then concat_ws('|', items.account_id, items.subscription_id)
            else items.subscription_id
        end as subscription_id,
        coalesce(survivors.surviving_account_id, items.account_id) as account_id,
        items.product,
        items.plan,
        items.valid_from,
        items.valid_to,
        coalesce(compared.used_from, items.valid_from) as used_from,
        case
            when compared.used_to is null then items.valid_to
            else nullif(compared.used_to, {{ far_future() }})
        end as used_to,
        items.quantity,
        coalesce(items.quantity_unit, 'seats') as quantity_unit,
        items.unit_amount,
        coalesce(items.currency, clock.reporting_currency) as currency,
        items.billing_interval,
        items.interval_count,
        items.discount_percent,
        items.discount_amount,
        items.discount_kind,
        items.discount_from,
        items.discount_to,
        items.status,
        items.trial_ends_on,
        items.notice_on,
        -- An end that is not told stays so: least() would skip the null.
        case
            when items.contract_end_on >= cast('{{ var("calendar_to") }}' as date)
                then {{ days_after(-1, "cast('" ~ var('calendar_to') ~ "' as date)") }}
            else items.contract_end_on
        end as contract_end_on,
        items.notice_period_days,
        items.is_usage_based,
        items.evidence,
        items.source_file,
        items.source_line,
        concat_ws(
            '|', items.account_id, items.item_id, cast(items.valid_from as string)
        ) as row_key,
        survivors.account_id is null as is_account_missing,
        coalesce(items.billing_interval = 'once', false) as is_one_off,
        coalesce(
            items.valid_to = items.valid_from and items.billing_interval <> 'once',
            false
        ) as is_empty_interval,
        coalesce(compared.used_from >= compared.used_to, false) as is_superseded,
        case
            when items.unit_amount is null
                then 'no unit amount: the price is tiered or was not landed'
            when billing_intervals.billing_interval is null
                then concat_ws(
                    ' ', 'no such billing interval:',
                    coalesce(items.billing_interval, 'none')
                )
            when coalesce(items.interval_count, 0) < 1
                then 'interval count is not told, or below 1'
            when items.quantity is null and not items.is_usage_based
                then 'no quantity'
            when items.valid_to < items.valid_from
                then 'ends before it starts'
            when items.valid_from < cast('{{ var("calendar_from") }}' as date)
                then 'starts before the calendar does: {{ var("calendar_from") }}'
            when items.quantity < 0 then 'quantity is negative'
            when items.unit_amount < 0 then 'unit amount is negative'
            when items.discount_percent not between 0 and 100
                then 'discount percent is not between 0 and 100'
            when items.discount_amount < 0
                then 'discount amount is negative'
            when items.discount_to < items.discount_from
                then 'discount ends before it starts'
            when compared.quarantine_rule is not null
                then compared.quarantine_rule
            when first_rates.currency is null
                then concat_ws(' ', 'unknown currency', items.currency)
            when first_rates.rate_valid_from > items.valid_from
                then concat_ws(' ', 'no exchange rate yet for', items.currency)
            else sized.quarantine_rule
        end as quarantine_rule,
        case
            when items.contract_end_on < items.valid_from
                then 'contract ended before the version begins'
            when items.contract_end_on >= cast('{{ var("calendar_to") }}' as date)
                then 'contract ends after the calendar does, at whose end it is read'
            when items.status = 'trialing' and items.trial_ends_on < items.valid_from
                then 'trial ended before the version begins, which is read as active'
            else compared.warning_rule
        end as warning_rule
    from items
    cross join clock
    left join survivors
        on items.account_id = survivors.account_id
    left join compared
        on
            items.source_system = compared.source_system
            and items.account_id = compared.account_id
            and items.item_id = compared.item_id
            and items.valid_from = compared.valid_from
    left join sized
        on
            items.source_system = sized.source_system
            and items.account_id = sized.account_id
            and items.item_id = sized.item_id
            and items.valid_from = sized.valid_from
    left join billing_intervals
        on items.billing_interval = billing_intervals.billing_interval
    left join first_rates
        on coalesce(items.currency, clock.reporting_currency) = first_rates.currency

)

select * from checked
