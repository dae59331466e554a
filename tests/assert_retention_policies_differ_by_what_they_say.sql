-- A row is a window whose ledger does not reconcile with its point-to-point reading.
with

retention as (

    select * from {{ ref('fct_retention') }}

)

select
    ledger.period_end_on,
    ledger.window_months,
    ledger.grain,
    ledger.segment_dimension,
    ledger.segment_value
from retention as ledger
left join retention as graced
    on
        ledger.period_end_on = graced.period_end_on
        and ledger.window_months = graced.window_months
        and ledger.grain = graced.grain
        and ledger.segment_dimension = graced.segment_dimension
        and ledger.segment_value = graced.segment_value
        and graced.policy = 'late_renewal_grace'
where
    ledger.policy = 'ledger_with_reactivation'
    and (
        graced.retained_mrr is null
        or ledger.opening_mrr <> graced.opening_mrr
        or ledger.retained_mrr + ledger.paused_mrr <> graced.retained_mrr
    )
