{# What a health score must beat to be worth having. More is healthier, as there. #}
with

customers as (

    select * from {{ ref('int_customers_observed') }}

),

members as (

    select * from {{ ref('int_customer_members_listed') }}

),

uses as (

    select * from {{ ref('int_feature_uses_classified') }}

),

account_days as (

    select * from {{ ref('int_account_days_netted') }}

),

logins as (

    select
        account_id,
        occurred_on,
        known_on,
        sum(event_count) as login_count
    from uses
    where is_vanity
    group by account_id, occurred_on, known_on

),

observed_days as (

    select observed_on
    from customers
    group by observed_on

),

account_logins as (

    select
        logins.account_id,
        observed_days.observed_on,
        sum(logins.login_count) as login_count
    from logins
    inner join observed_days
        on
            logins.known_on <= observed_days.observed_on
            and logins.occurred_on <= observed_days.observed_on
            and {{ days_after(var('usage_window_days'), 'logins.occurred_on') }}
            > observed_days.observed_on
    group by logins.account_id, observed_days.observed_on

),

-- Where nobody logged in lately nothing was tracked: a stray early login tells no zero.
days_tracked as (

    select observed_on
    from account_logins
    group by observed_on

),

first_paid_days as (

    select
        account_id,
        min(effective_on) as first_paid_on
    from account_days
    where is_paying_after
    group by account_id

),

described as (

    select
        customers.ultimate_parent_id,
        customers.observed_on,
        customers.seat_count,
        customers.decision_on,
        coalesce(sum(account_logins.login_count), 0) as login_count,
        min(first_paid_days.first_paid_on) as first_paid_on
    from customers
    inner join members
        on
            customers.ultimate_parent_id = members.ultimate_parent_id
            and customers.observed_on = members.observed_on
    left join account_logins
        on
            members.account_id = account_logins.account_id
            and members.observed_on = account_logins.observed_on
    left join first_paid_days
        on members.account_id = first_paid_days.account_id
    group by
        customers.ultimate_parent_id,
        customers.observed_on,
        customers.seat_count,
        customers.decision_on

),

measured as (

    select
        described.ultimate_parent_id,
        described.observed_on,
        case
            when days_tracked.observed_on is not null
                then {{ ratio('described.login_count', 'described.seat_count') }}
        end as login_only,
        cast({{ dbt.datediff(
            'described.observed_on', 'described.decision_on', 'day'
        ) }} as double) as renewal_date_only,
        cast({{ dbt.datediff(
            'described.first_paid_on', 'described.observed_on', 'day'
        ) }} as double) as tenure_only,
        cast({{ hashed_number(
            "concat_ws('|', described.ultimate_parent_id, "
            ~ "cast(described.observed_on as string))"
        ) }} as double) as random_number
    from described
    left join days_tracked
        on described.observed_on = days_tracked.observed_on

)

select * from measured
