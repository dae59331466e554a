{# Adds the months behind the last one written; forget_changed_months runs before it. #}
with

moved as (

    select * from {{ ref('int_account_mrr_months_moved') }}

),

month_ends as (

    select * from {{ ref('int_mrr_month_ends_converted') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

written as (

    select coalesce(max(mrr_month), {{ the_beginning() }}) as last_month
    from {{ this if is_incremental() else ref('int_account_mrr_months_moved') }}
    where {{ is_incremental() | lower }}

),

months_to_write as (

    select
        months.mrr_month,
        months.month_number,
        months.is_final
    from months
    inner join written
        on months.mrr_month > written.last_month

),

amounts as (

    select
        account_id,
        month_number,
        0 as opening_mrr,
        mrr as closing_mrr
    from month_ends

    union all

    select
        account_id,
        month_number + 1 as month_number,
        mrr as opening_mrr,
        0 as closing_mrr
    from month_ends

    union all

    select
        account_id,
        {{ month_index('mrr_month') }} as month_number,
        0 as opening_mrr,
        0 as closing_mrr
    from moved

),

balances as (

    select
        amounts.account_id,
        months_to_write.mrr_month,
        months_to_write.is_final,
        sum(amounts.opening_mrr) as opening_mrr,
        sum(amounts.closing_mrr) as closing_mrr
    from amounts
    inner join months_to_write
        on amounts.month_number = months_to_write.month_number
    group by amounts.account_id, months_to_write.mrr_month, months_to_write.is_final

),

account_months as (

    select
        cast(balances.account_id as string) as account_id,
        cast(balances.mrr_month as date) as mrr_month,
        {{ money('balances.opening_mrr') }} as opening_mrr,
        {{ money('coalesce(moved.new_mrr, 0)') }} as new_mrr,
        {{ money('coalesce(moved.expansion_mrr, 0)') }} as expansion_mrr,
        {{ money('coalesce(moved.contraction_mrr, 0)') }} as contraction_mrr,
        {{ money('coalesce(moved.churn_mrr, 0)') }} as churn_mrr,
        {{ money('coalesce(moved.reactivation_mrr, 0)') }} as reactivation_mrr,
        {{ money('coalesce(moved.pause_mrr, 0)') }} as pause_mrr,
        {{ money('coalesce(moved.resume_mrr, 0)') }} as resume_mrr,
        {{ money('coalesce(moved.fx_mrr, 0)') }} as fx_mrr,
        {{ money('balances.closing_mrr') }} as closing_mrr,
        cast(balances.is_final as boolean) as is_final
    from balances
    left join moved
        on
            balances.account_id = moved.account_id
            and balances.mrr_month = moved.mrr_month
    where
        balances.opening_mrr <> 0
        or balances.closing_mrr <> 0
        or moved.account_id is not null

)

select * from account_months
