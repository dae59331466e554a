{# A segment opens with what it closed at; what nothing else explains was moved. #}
with

segmented as (

    select * from {{ ref('int_mrr_amounts_segmented') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

totals as (

    select
        month_number,
        segment_dimension,
        segment_value,
        amount_kind,
        amount,
        account_count
    from segmented

    union all

    select
        month_number + 1 as month_number,
        segment_dimension,
        segment_value,
        'opening' as amount_kind,
        amount,
        account_count
    from segmented
    where amount_kind = 'closing'

),

pivoted as (

    select
        month_number,
        segment_dimension,
        segment_value,
        {{ total_of('opening') }} as opening_mrr,
        {{ total_of('new') }} as new_mrr,
        {{ total_of('expansion') }} as expansion_mrr,
        {{ total_of('contraction') }} as contraction_mrr,
        {{ total_of('churn') }} as churn_mrr,
        {{ total_of('reactivation') }} as reactivation_mrr,
        {{ total_of('pause') }} as pause_mrr,
        {{ total_of('resume') }} as resume_mrr,
        {{ total_of('fx') }} as fx_mrr,
        {{ total_of('closing') }} as closing_mrr,
        sum(
            case
                when amount_kind in ('opening', 'closing', 'currency_transfer') then 0
                else amount
            end
        ) as moved_mrr,
        {{ total_of('opening', 'account_count') }} as opening_accounts,
        {{ total_of('closing', 'account_count') }} as closing_accounts
    from totals
    group by month_number, segment_dimension, segment_value

),

rolled_up as (

    select
        cast(months.mrr_month as date) as mrr_month,
        cast(pivoted.segment_dimension as string) as segment_dimension,
        cast(pivoted.segment_value as string) as segment_value,
        {{ money('pivoted.opening_mrr') }} as opening_mrr,
        {{ money('pivoted.closing_mrr - pivoted.opening_mrr - pivoted.moved_mrr') }}
            as segment_transfer_mrr,
        {{ money('pivoted.new_mrr') }} as new_mrr,
        {{ money('pivoted.expansion_mrr') }} as expansion_mrr,
        {{ money('pivoted.contraction_mrr') }} as contraction_mrr,
        {{ money('pivoted.churn_mrr') }} as churn_mrr,
        {{ money('pivoted.reactivation_mrr') }} as reactivation_mrr,
        {{ money('pivoted.pause_mrr') }} as pause_mrr,
        {{ money('pivoted.resume_mrr') }} as resume_mrr,
        {{ money('pivoted.fx_mrr') }} as fx_mrr,
        {{ money('pivoted.closing_mrr') }} as closing_mrr,
        cast(pivoted.opening_accounts as bigint) as opening_accounts,
        cast(pivoted.closing_accounts as bigint) as closing_accounts,
        months.is_final
    from pivoted
    inner join months
        on pivoted.month_number = months.month_number

)

select * from rolled_up
