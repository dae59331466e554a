{# The ledger and the balances by currency, in native, reported and constant money. #}
with

month_ends as (

    select * from {{ ref('int_mrr_month_ends_converted') }}

),

movements as (

    select * from {{ ref('fct_mrr_movements') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

amounts as (

    select
        currency,
        month_number,
        'closing' as amount_kind,
        mrr as amount,
        mrr_native as amount_native,
        {{ money('0') }} as amount_constant
    from month_ends

    union all

    select
        currency,
        month_number + 1 as month_number,
        'opening' as amount_kind,
        mrr as amount,
        mrr_native as amount_native,
        {{ money('0') }} as amount_constant
    from month_ends

    union all

    select
        currency,
        {{ month_index('effective_on') }} as month_number,
        movement as amount_kind,
        mrr_delta as amount,
        mrr_delta_native as amount_native,
        mrr_delta_constant as amount_constant
    from movements

),

totals as (

    select
        currency,
        month_number,
        amount_kind,
        sum(amount) as amount,
        sum(amount_native) as amount_native,
        sum(amount_constant) as amount_constant,
        count(*) as account_count
    from amounts
    group by currency, month_number, amount_kind

),

moved as (

    select
        *,
        case when amount_kind not in ('opening', 'closing') then amount_native end
            as moved_native,
        case
            when amount_kind not in ('opening', 'closing', 'fx')
                then amount - amount_constant
        end as rate_effect,
        sum(amount_constant) over (
            partition by currency
            order by month_number
            range between unbounded preceding and current row
        ) as constant_so_far
    from totals
    -- What came and went within the month leaves no row, and is none.
    where amount <> 0 or amount_native <> 0 or amount_constant <> 0

),

currency_months as (

    select
        cast(months.mrr_month as date) as mrr_month,
        cast(moved.currency as string) as currency,
        {{ money(total_of('opening')) }} as opening_mrr,
        {{ money(total_of('new')) }} as new_mrr,
        {{ money(total_of('expansion')) }} as expansion_mrr,
        {{ money(total_of('contraction')) }} as contraction_mrr,
        {{ money(total_of('churn')) }} as churn_mrr,
        {{ money(total_of('reactivation')) }} as reactivation_mrr,
        {{ money(total_of('pause')) }} as pause_mrr,
        {{ money(total_of('resume')) }} as resume_mrr,
        {{ money(total_of('currency_transfer')) }} as currency_transfer_mrr,
        {{ money(total_of('fx')) }} as fx_mrr,
        {{ money(total_of('closing')) }} as closing_mrr,
        {{ money(total_of('opening', 'amount_native')) }} as opening_native_mrr,
        {{ money('coalesce(sum(moved.moved_native), 0)') }} as moved_native_mrr,
        {{ money(total_of('closing', 'amount_native')) }} as closing_native_mrr,
        {{ money('max(moved.constant_so_far) - sum(moved.amount_constant)') }}
            as opening_constant_mrr,
        {{ money('sum(moved.amount_constant)') }} as moved_constant_mrr,
        {{ money('coalesce(sum(moved.rate_effect), 0)') }} as rate_effect_mrr,
        {{ money('max(moved.constant_so_far)') }} as closing_constant_mrr,
        cast({{ total_of('opening', 'account_count') }} as bigint) as opening_accounts,
        cast({{ total_of('closing', 'account_count') }} as bigint) as closing_accounts
    from moved
    inner join months
        on moved.month_number = months.month_number
    group by months.mrr_month, moved.currency

)

select * from currency_months
