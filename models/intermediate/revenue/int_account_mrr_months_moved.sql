with

booked as (

    select * from {{ ref('int_mrr_movements_booked') }}

),

fx as (

    select * from {{ ref('int_fx_movements_derived') }}

),

movements as (

    select
        account_id,
        effective_on,
        movement,
        mrr_delta
    from booked

    union all

    select
        account_id,
        effective_on,
        'fx' as movement,
        mrr_delta
    from fx

),

pivoted as (

    select
        account_id,
        cast(date_trunc('month', effective_on) as date) as mrr_month,
        sum(case when movement = 'new' then mrr_delta else 0 end) as new_mrr,
        sum(case when movement = 'expansion' then mrr_delta else 0 end)
            as expansion_mrr,
        sum(case when movement = 'contraction' then mrr_delta else 0 end)
            as contraction_mrr,
        sum(case when movement = 'churn' then mrr_delta else 0 end) as churn_mrr,
        sum(case when movement = 'reactivation' then mrr_delta else 0 end)
            as reactivation_mrr,
        sum(case when movement = 'pause' then mrr_delta else 0 end) as pause_mrr,
        sum(case when movement = 'resume' then mrr_delta else 0 end) as resume_mrr,
        sum(case when movement = 'fx' then mrr_delta else 0 end) as fx_mrr
    from movements
    group by account_id, cast(date_trunc('month', effective_on) as date)

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
