{# Settled at the month end: an account that moves to another parent is no loss. #}
with

customers as (

    select * from {{ ref('int_customers_observed') }}

),

segments as (

    select * from {{ ref('int_account_segments_assigned') }}

),

listed as (

    select
        customers.ultimate_parent_id,
        customers.observed_on,
        segments.account_id
    from customers
    inner join segments
        on
            customers.ultimate_parent_id = segments.ultimate_parent_id
            and customers.observed_on >= segments.valid_from
            and customers.observed_on
            < coalesce(segments.valid_to, {{ far_future() }})

)

select * from listed
