-- A returned row is a month and currency in which the ledger and the roll-ups differ.
with

movements as (

    select
        currency,
        cast(date_trunc('month', effective_on) as date) as mrr_month,
        sum(mrr_delta) as moved_mrr,
        sum(mrr_delta_native) as moved_native_mrr
    from {{ ref('fct_mrr_movements') }}
    group by currency, cast(date_trunc('month', effective_on) as date)

),

currencies as (

    select
        currency,
        mrr_month,
        closing_mrr - opening_mrr as moved_mrr,
        moved_native_mrr
    from {{ ref('fct_currency_mrr_months') }}

),

segments as (

    select
        segment_value as currency,
        mrr_month,
        closing_mrr - opening_mrr as moved_mrr
    from {{ ref('fct_mrr_months') }}
    where segment_dimension = 'currency'

)

select
    currencies.currency,
    currencies.mrr_month
from currencies
full outer join segments
    on
        currencies.currency = segments.currency
        and currencies.mrr_month = segments.mrr_month
left join movements
    on
        currencies.currency = movements.currency
        and currencies.mrr_month = movements.mrr_month
where
    currencies.moved_mrr is distinct from segments.moved_mrr
    or currencies.moved_mrr <> coalesce(movements.moved_mrr, 0)
    or currencies.moved_native_mrr <> coalesce(movements.moved_native_mrr, 0)
