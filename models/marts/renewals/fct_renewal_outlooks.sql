with

outlooks as (

    select * from {{ ref('int_renewal_outlooks_priced') }}

),

renewals as (

    select * from {{ ref('fct_renewals') }}

),

health_days as (

    select * from {{ ref('fct_account_health_days') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

dated as (

    select
        *,
        {{ days_after(var('late_renewal_grace_days') + 1, 'contract_end_on') }}
            as outcome_known_on
    from outlooks

),

banded as (

    select
        dated.*,
        coalesce(health_days.health_band, 'unknown') as health_band,
        health_days.health_score
    from dated
    left join health_days
        on
            dated.account_id = health_days.account_id
            and dated.forecast_on = health_days.health_on

),

contracted as (

    select
        cast(banded.forecast_on as date) as forecast_on,
        cast(banded.account_id as string) as account_id,
        cast(banded.contract_end_on as date) as contract_end_on,

        cast(renewals.ultimate_parent_id as string) as ultimate_parent_id,
        cast(banded.health_band as string) as health_band,
        cast(banded.health_score as double) as health_score,

        cast(banded.outcome_known_on as date) as outcome_known_on,
        {{ money('banded.due_mrr') }} as due_mrr,
        {{ money('''
            case when banded.outcome_known_on <= clock.as_of_on
                then cast(banded.due_mrr as double)
                    * cast(renewals.won_mrr + renewals.late_mrr as double)
                    / cast(renewals.available_mrr as double)
            end
        ''') }} as renewed_mrr,

        cast(banded.is_notice_given as boolean) as is_notice_given,
        row_number() over (
            partition by banded.account_id, banded.contract_end_on
            order by banded.forecast_on
        ) = 1 as is_first_forecast,
        row_number() over (
            partition by
                banded.account_id, banded.contract_end_on, banded.health_band
            order by banded.forecast_on
        ) = 1 as is_first_in_band
    from banded
    cross join clock
    inner join renewals
        on
            banded.account_id = renewals.account_id
            and banded.contract_end_on = renewals.contract_end_on

)

select * from contracted
