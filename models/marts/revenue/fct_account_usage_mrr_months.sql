with

items as (

    select * from {{ ref('int_subscription_items_priced') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

rates as (

    select * from {{ ref('int_exchange_rates_conformed') }}

),

metered as (

    select
        account_id,
        currency,
        usage_mrr,
        valid_from,
        coalesce(valid_to, {{ far_future() }}) as valid_to
    from items
    where usage_mrr > 0

),

native as (

    select
        metered.account_id,
        metered.currency,
        months.mrr_month,
        months.closing_on,
        sum(metered.usage_mrr) as usage_native_mrr
    from metered
    inner join months
        on
            metered.valid_from <= months.closing_on
            and metered.valid_to > months.closing_on
    group by
        metered.account_id,
        metered.currency,
        months.mrr_month,
        months.closing_on

),

converted as (

    select
        cast(native.account_id as string) as account_id,
        cast(native.mrr_month as date) as mrr_month,
        cast(native.currency as string) as currency,
        {{ converted('native.usage_native_mrr', 'rates.rate') }} as usage_mrr,
        {{ money('native.usage_native_mrr') }} as usage_native_mrr
    from native
    inner join rates
        on
            native.currency = rates.currency
            and native.closing_on >= rates.valid_from
            and native.closing_on < coalesce(rates.valid_to, {{ far_future() }})

)

select * from converted
