{# What was due, and what the account paid at the month's opening that was not. #}
with

renewals as (

    select * from {{ ref('int_renewals_judged') }}

),

month_ends as (

    select * from {{ ref('int_mrr_month_ends_converted') }}

),

openings as (

    select * from {{ ref('int_contract_openings_summed') }}

),

opened as (

    select
        account_id,
        month_number + 1 as month_number,
        sum(mrr) as opening_mrr
    from month_ends
    group by account_id, month_number

),

unioned as (

    select
        account_id,
        {{ month_index('contract_end_on') }} as month_number,
        case
            when is_multi_year then 'multi_year'
            else 'up_to_one_year'
        end as term_kind,
        available_mrr,
        won_mrr,
        late_mrr,
        lost_mrr,
        open_mrr,
        uplift_mrr,
        0 as opening_mrr,
        0 as not_due_mrr,
        1 as due_count,
        case when outcome in ('won', 'late') then 1 else 0 end as renewed_count,
        case when outcome = 'partly_won' then 1 else 0 end as partly_won_count,
        case when outcome = 'lost' then 1 else 0 end as lost_count,
        case when outcome = 'open' then 1 else 0 end as open_count
    from renewals

    union all

    select
        opened.account_id,
        opened.month_number,
        cast(null as string) as term_kind,
        0 as available_mrr,
        0 as won_mrr,
        0 as late_mrr,
        0 as lost_mrr,
        0 as open_mrr,
        0 as uplift_mrr,
        opened.opening_mrr,
        opened.opening_mrr - coalesce(openings.due_opening_mrr, 0)
            as not_due_mrr,
        0 as due_count,
        0 as renewed_count,
        0 as partly_won_count,
        0 as lost_count,
        0 as open_count
    from opened
    left join openings
        on
            opened.account_id = openings.account_id
            and opened.month_number = openings.month_number

)

select * from unioned
