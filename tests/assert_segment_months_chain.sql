-- A returned row is a segment's month that does not open with what the last closed at.
with

months as (

    select
        segment_dimension,
        segment_value,
        mrr_month,
        {{ month_index('mrr_month') }} as month_number,
        opening_mrr,
        closing_mrr,
        opening_accounts,
        closing_accounts
    from {{ ref('fct_mrr_months') }}

)

select
    months.segment_dimension,
    months.segment_value,
    months.mrr_month,
    months.opening_mrr,
    earlier.closing_mrr
from months
left join months as earlier
    on
        months.segment_dimension = earlier.segment_dimension
        and months.segment_value = earlier.segment_value
        and months.month_number = earlier.month_number + 1
where
    months.opening_mrr <> coalesce(earlier.closing_mrr, 0)
    or months.opening_accounts <> coalesce(earlier.closing_accounts, 0)
