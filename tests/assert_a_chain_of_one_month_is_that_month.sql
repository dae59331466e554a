-- A row is a one-month window whose chain is not the month itself.
with

retention as (

    select * from {{ ref('fct_retention') }}

)

select
    lone.period_end_on,
    lone.grain,
    lone.segment_dimension,
    lone.segment_value
from retention as lone
left join retention as chained
    on
        lone.period_end_on = chained.period_end_on
        and lone.window_months = chained.window_months
        and lone.grain = chained.grain
        and lone.segment_dimension = chained.segment_dimension
        and lone.segment_value = chained.segment_value
        and chained.policy = 'chained_monthly'
where
    lone.policy = 'late_renewal_grace'
    and lone.window_months = 1
    and (
        chained.nrr_rate is null
        or not {{ nearly_equal('lone.nrr_rate', 'chained.nrr_rate') }}
        or not {{ nearly_equal('lone.grr_rate', 'chained.grr_rate') }}
        or not {{ nearly_equal(
            'lone.logo_retention_rate', 'chained.logo_retention_rate'
        ) }}
    )
