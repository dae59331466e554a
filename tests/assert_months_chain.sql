-- A returned row is a month that does not open with what the last one closed at.
with

months as (

    select
        account_id,
        mrr_month,
        {{ month_index('mrr_month') }} as month_number,
        opening_mrr,
        closing_mrr
    from {{ ref('fct_account_mrr_months') }}

)

select
    months.account_id,
    months.mrr_month,
    months.opening_mrr,
    earlier.closing_mrr
from months
left join months as earlier
    on
        months.account_id = earlier.account_id
        and months.month_number = earlier.month_number + 1
where months.opening_mrr <> coalesce(earlier.closing_mrr, 0)
