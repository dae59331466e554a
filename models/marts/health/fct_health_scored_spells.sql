with

health_days as (

    select * from {{ ref('fct_account_health_days') }}

),

numbered as (

    select
        account_id,
        health_on,
        row_number() over (
            partition by account_id
            order by health_on
        ) as day_number
    from health_days
    where health_score is not null

),

dated as (

    select
        account_id,
        health_on,
        {{ days_after('-day_number', 'health_on') }} as spell_key
    from numbered

),

spells as (

    select
        account_id,
        min(health_on) as scored_from,
        max(health_on) as scored_until
    from dated
    group by account_id, spell_key

),

contracted as (

    select
        cast(account_id as string) as account_id,
        cast(scored_from as date) as scored_from_on,
        cast(scored_until as date) as scored_until_on,
        cast(
            lag(scored_until) over (
                partition by account_id
                order by scored_from
            ) as date
        ) as last_scored_on
    from spells

)

select * from contracted
