{# A notice counts while the version that tells of it is in force, and no longer. #}
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

noticed as (

    select
        account_id,
        currency,
        mrr,
        greatest(valid_from, notice_on) as valid_from,
        coalesce(valid_to, {{ far_future() }}) as valid_to
    from items
    where
        mrr > 0
        and notice_on is not null

),

native as (

    select
        noticed.account_id,
        noticed.currency,
        months.mrr_month,
        months.closing_on,
        sum(noticed.mrr) as mrr_native
    from noticed
    inner join months
        on
            noticed.valid_from <= months.closing_on
            and noticed.valid_to > months.closing_on
    group by
        noticed.account_id,
        noticed.currency,
        months.mrr_month,
        months.closing_on

),

converted as (

    select
        native.account_id,
        native.mrr_month,
        {{ money('sum(' ~ converted('native.mrr_native', 'rates.rate') ~ ')') }}
            as on_notice_mrr
    from native
    inner join rates
        on
            native.currency = rates.currency
            and native.closing_on >= rates.valid_from
            and native.closing_on < coalesce(rates.valid_to, {{ far_future() }})
    group by native.account_id, native.mrr_month

)

select * from converted
