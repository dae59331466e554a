-- A returned row is a month and dimension whose segments miss what accounts have.
with

segments as (

    select
        mrr_month,
        segment_dimension,
        sum(opening_mrr) as opening_mrr,
        sum(new_mrr) as new_mrr,
        sum(expansion_mrr) as expansion_mrr,
        sum(contraction_mrr) as contraction_mrr,
        sum(churn_mrr) as churn_mrr,
        sum(reactivation_mrr) as reactivation_mrr,
        sum(pause_mrr) as pause_mrr,
        sum(resume_mrr) as resume_mrr,
        sum(fx_mrr) as fx_mrr,
        sum(closing_mrr) as closing_mrr,
        sum(closing_accounts) as closing_accounts
    from {{ ref('fct_mrr_months') }}
    group by mrr_month, segment_dimension

),

accounts as (

    select
        mrr_month,
        sum(opening_mrr) as opening_mrr,
        sum(new_mrr) as new_mrr,
        sum(expansion_mrr) as expansion_mrr,
        sum(contraction_mrr) as contraction_mrr,
        sum(churn_mrr) as churn_mrr,
        sum(reactivation_mrr) as reactivation_mrr,
        sum(pause_mrr) as pause_mrr,
        sum(resume_mrr) as resume_mrr,
        sum(fx_mrr) as fx_mrr,
        sum(closing_mrr) as closing_mrr,
        count_if(closing_mrr > 0) as closing_accounts
    from {{ ref('fct_account_mrr_months') }}
    group by mrr_month

),

dimensions as (

    select segment_dimension
    from {{ ref('segment_dimensions') }}

)

select
    accounts.mrr_month,
    dimensions.segment_dimension
from accounts
cross join dimensions
left join segments
    on
        accounts.mrr_month = segments.mrr_month
        and dimensions.segment_dimension = segments.segment_dimension
where not coalesce(
    segments.opening_mrr = accounts.opening_mrr
    and segments.new_mrr = accounts.new_mrr
    and segments.expansion_mrr = accounts.expansion_mrr
    and segments.contraction_mrr = accounts.contraction_mrr
    and segments.churn_mrr = accounts.churn_mrr
    and segments.reactivation_mrr = accounts.reactivation_mrr
    and segments.pause_mrr = accounts.pause_mrr
    and segments.resume_mrr = accounts.resume_mrr
    and segments.fx_mrr = accounts.fx_mrr
    and segments.closing_mrr = accounts.closing_mrr
    and (
        segments.closing_accounts = accounts.closing_accounts
        or dimensions.segment_dimension = 'currency'
    ),
    false
)
