-- A row is a kept day whose contributions do not sum to its score before exceptions.
with

contributions as (

    select * from {{ ref('fct_health_contributions') }}

),

health_days as (

    select * from {{ ref('fct_account_health_days') }}

),

summed as (

    select
        account_id,
        health_on,
        sum(contribution) as contribution,
        sum(weight) as weight
    from contributions
    group by account_id, health_on

),

unequal as (

    select
        summed.account_id,
        summed.health_on,
        summed.contribution,
        health_days.health_score_before_exceptions
    from summed
    inner join health_days
        on
            summed.account_id = health_days.account_id
            and summed.health_on = health_days.health_on
    where
        not {{ nearly_equal(
            'coalesce(summed.contribution, -1)',
            'coalesce(health_days.health_score_before_exceptions, -1)'
        ) }}
        or not {{ nearly_equal('summed.weight', 'health_days.coverage_rate') }}

)

select * from unequal
