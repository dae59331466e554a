with

account_months as (

    select * from {{ ref('fct_account_mrr_months') }}

),

on_notice as (

    select * from {{ ref('int_mrr_on_notice_converted') }}

),

scheduled as (

    select * from {{ ref('fct_scheduled_mrr_changes') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

amounts as (

    select
        account_id,
        mrr_month,
        closing_mrr,
        {{ money('0') }} as scheduled_churn_mrr,
        {{ money('0') }} as scheduled_mrr
    from account_months
    where closing_mrr > 0

    union all

    select
        account_id,
        mrr_month,
        {{ money('0') }} as closing_mrr,
        -on_notice_mrr as scheduled_churn_mrr,
        {{ money('0') }} as scheduled_mrr
    from on_notice

    union all

    select
        scheduled.account_id,
        clock.as_of_month as mrr_month,
        {{ money('0') }} as closing_mrr,
        {{ money('0') }} as scheduled_churn_mrr,
        scheduled.mrr_delta as scheduled_mrr
    from scheduled
    cross join clock

),

summed as (

    select
        account_id,
        mrr_month,
        sum(closing_mrr) as closing_mrr,
        sum(scheduled_churn_mrr) as scheduled_churn_mrr,
        sum(scheduled_mrr) as scheduled_mrr
    from amounts
    group by account_id, mrr_month

),

committed as (

    select
        cast(summed.account_id as string) as account_id,
        cast(summed.mrr_month as date) as mrr_month,
        {{ money('summed.closing_mrr') }} as closing_mrr,
        {{ money('summed.scheduled_churn_mrr') }} as scheduled_churn_mrr,
        {{ money('''
            case
                when summed.mrr_month < clock.as_of_month then 0
                else summed.scheduled_mrr - summed.scheduled_churn_mrr
            end
        ''') }} as other_scheduled_mrr,
        {{ money('''
            case
                when summed.mrr_month < clock.as_of_month
                    then summed.closing_mrr + summed.scheduled_churn_mrr
                else summed.closing_mrr + summed.scheduled_mrr
            end
        ''') }} as committed_mrr
    from summed
    cross join clock

)

select * from committed
