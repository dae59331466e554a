with

movements as (

    select * from {{ ref('int_mrr_movements_unioned') }}

),

dated as (

    select
        account_id,
        cast(date_trunc('month', effective_on) as date) as mrr_month,
        movement as amount_kind,
        mrr_delta as amount
    from movements

),

pivoted as (

    select
        account_id,
        mrr_month,
        {{ total_of('new') }} as new_mrr,
        {{ total_of('expansion') }} as expansion_mrr,
        {{ total_of('contraction') }} as contraction_mrr,
        {{ total_of('churn') }} as churn_mrr,
        {{ total_of('reactivation') }} as reactivation_mrr,
        {{ total_of('pause') }} as pause_mrr,
        {{ total_of('resume') }} as resume_mrr,
        {{ total_of('fx') }} as fx_mrr
    from dated
    group by account_id, mrr_month

),

moved as (

    select
        cast(account_id as string) as account_id,
        mrr_month,
        {{ money('new_mrr') }} as new_mrr,
        {{ money('expansion_mrr') }} as expansion_mrr,
        {{ money('contraction_mrr') }} as contraction_mrr,
        {{ money('churn_mrr') }} as churn_mrr,
        {{ money('reactivation_mrr') }} as reactivation_mrr,
        {{ money('pause_mrr') }} as pause_mrr,
        {{ money('resume_mrr') }} as resume_mrr,
        {{ money('fx_mrr') }} as fx_mrr
    from pivoted
    where
        new_mrr <> 0
        or expansion_mrr <> 0
        or contraction_mrr <> 0
        or churn_mrr <> 0
        or reactivation_mrr <> 0
        or pause_mrr <> 0
        or resume_mrr <> 0
        or fx_mrr <> 0

)

select * from moved
