{# A month's opening and close per customer, at each opening rate of a longer window. #}
with

members as (

    select * from {{ ref('int_retention_members_placed') }}

),

month_ends as (

    select * from {{ ref('int_retention_month_ends_measured') }}

),

opening_rates as (

    select * from {{ ref('int_opening_rates_found') }}

),

windows as (

    select * from {{ ref('retention_windows') }}

),

longest as (

    select max(window_months) as window_months
    from windows

),

ends as (

    select
        account_id,
        currency,
        month_number + 1 as link_number,
        graced_native as opening_native,
        {{ money('0') }} as closing_native
    from month_ends

    union all

    select
        account_id,
        currency,
        month_number as link_number,
        {{ money('0') }} as opening_native,
        graced_native as closing_native
    from month_ends

),

links as (

    select
        account_id,
        currency,
        link_number,
        sum(opening_native) as opening_native,
        sum(closing_native) as closing_native
    from ends
    group by account_id, currency, link_number

),

valued as (

    select
        links.account_id,
        links.link_number,
        opening_rates.month_number as rate_month_number,
        sum({{ converted('links.opening_native', 'opening_rates.rate') }})
            as opening_mrr,
        sum({{ converted('links.closing_native', 'opening_rates.rate') }})
            as closing_mrr
    from links
    cross join longest
    inner join opening_rates
        on
            links.currency = opening_rates.currency
            and links.link_number > opening_rates.month_number
            and links.link_number
            <= opening_rates.month_number + longest.window_months
    group by links.account_id, links.link_number, opening_rates.month_number

),

measured as (

    select
        members.period_number as link_number,
        valued.rate_month_number,
        members.grain,
        members.entity_id,
        sum(valued.opening_mrr) as opening_mrr,
        sum(valued.closing_mrr) as closing_mrr
    from valued
    inner join members
        on
            valued.account_id = members.account_id
            and valued.link_number = members.period_number
            -- A link is a window of one month, with its own customers and segments.
            and members.window_months = 1
    group by
        members.period_number,
        valued.rate_month_number,
        members.grain,
        members.entity_id

)

select * from measured
