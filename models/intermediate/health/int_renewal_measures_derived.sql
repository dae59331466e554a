with

days as (

    select * from {{ ref('int_health_days_awaited') }}

),

outlooks as (

    select * from {{ ref('int_contract_outlooks_dated') }}

),

balances as (

    select * from {{ ref('int_account_balances_accumulated') }}

),

first_paid as (

    select
        account_id,
        min(valid_from) as first_paid_on
    from balances
    where mrr_at_last_change > 0
    group by account_id

),

derived as (

    select
        days.account_id,
        days.health_on,
        cast(
            coalesce(
                {{ dbt.datediff('days.health_on', 'outlooks.decision_on', 'day') }},
                case
                    when outlooks.is_month_to_month
                        then {{ var('month_to_month_days') }}
                end
            ) as double
        ) as days_to_renewal,
        cast(
            {{ dbt.datediff('days.health_on', 'outlooks.contract_end_on', 'day') }}
            as double
        ) as days_to_contract_end,
        cast(
            {{ dbt.datediff('first_paid.first_paid_on', 'days.health_on', 'day') }}
            as double
        ) as tenure_days,
        cast(
            case
                when outlooks.decision_on is not null then 0
                when outlooks.is_month_to_month then 0
            end as bigint
        )
            as days_to_renewal_freshness_days,
        cast(case when outlooks.contract_end_on is not null then 0 end as bigint)
            as days_to_contract_end_freshness_days,
        cast(0 as bigint) as tenure_days_freshness_days,
        coalesce(outlooks.is_notice_given, false) as is_notice_given
    from days
    inner join first_paid
        on days.account_id = first_paid.account_id
    left join outlooks
        on
            days.account_id = outlooks.account_id
            and days.health_on >= outlooks.valid_from
            and days.health_on < coalesce(outlooks.valid_to, {{ far_future() }})

)

select * from derived
