with

month_ends as (

    select * from {{ ref('int_mrr_month_ends_converted') }}

),

movements as (

    select * from {{ ref('fct_mrr_movements') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

amounts as (

    select
        account_id,
        month_number,
        'closing' as amount_kind,
        mrr as amount
    from month_ends

    union all

    select
        month_ends.account_id,
        month_ends.month_number + 1 as month_number,
        'opening' as amount_kind,
        month_ends.mrr as amount
    from month_ends
    inner join clock
        on month_ends.mrr_month < clock.as_of_month

    union all

    select
        account_id,
        {{ month_index('effective_on') }} as month_number,
        movement as amount_kind,
        mrr_delta as amount
    from movements

),

pivoted as (

    select
        account_id,
        month_number,
        sum(case when amount_kind = 'opening' then amount else 0 end) as opening_mrr,
        sum(case when amount_kind = 'new' then amount else 0 end) as new_mrr,
        sum(case when amount_kind = 'expansion' then amount else 0 end)
            as expansion_mrr,
        sum(case when amount_kind = 'contraction' then amount else 0 end)
            as contraction_mrr,
        sum(case when amount_kind = 'churn' then amount else 0 end) as churn_mrr,
        sum(case when amount_kind = 'reactivation' then amount else 0 end)
            as reactivation_mrr,
        sum(case when amount_kind = 'pause' then amount else 0 end) as pause_mrr,
        sum(case when amount_kind = 'resume' then amount else 0 end) as resume_mrr,
        sum(case when amount_kind = 'fx' then amount else 0 end) as fx_mrr,
        sum(case when amount_kind = 'closing' then amount else 0 end) as closing_mrr
    from amounts
    group by account_id, month_number

),

months as (

    select
        cast(pivoted.account_id as string) as account_id,
        cast(dates.calendar_month as date) as mrr_month,
        {{ money('pivoted.opening_mrr') }} as opening_mrr,
        {{ money('pivoted.new_mrr') }} as new_mrr,
        {{ money('pivoted.expansion_mrr') }} as expansion_mrr,
        {{ money('pivoted.contraction_mrr') }} as contraction_mrr,
        {{ money('pivoted.churn_mrr') }} as churn_mrr,
        {{ money('pivoted.reactivation_mrr') }} as reactivation_mrr,
        {{ money('pivoted.pause_mrr') }} as pause_mrr,
        {{ money('pivoted.resume_mrr') }} as resume_mrr,
        {{ money('pivoted.fx_mrr') }} as fx_mrr,
        {{ money('pivoted.closing_mrr') }} as closing_mrr,
        {{ days_after(var('late_renewal_grace_days'), 'dates.month_ends_on') }}
        <= clock.as_of_on as is_final
    from pivoted
    cross join clock
    inner join dates
        on
            pivoted.month_number = dates.month_number
            and dates.is_month_end
    where
        pivoted.opening_mrr <> 0
        or pivoted.new_mrr <> 0
        or pivoted.expansion_mrr <> 0
        or pivoted.contraction_mrr <> 0
        or pivoted.churn_mrr <> 0
        or pivoted.reactivation_mrr <> 0
        or pivoted.pause_mrr <> 0
        or pivoted.resume_mrr <> 0
        or pivoted.fx_mrr <> 0
        or pivoted.closing_mrr <> 0

)

select * from months
