{# The share of customers that people can act on in a month, by policy of the day. #}
with

customers as (

    select * from {{ ref('int_customers_observed') }}

),

intervention_capacity as (

    select * from {{ ref('intervention_capacity') }}

),

ranked as (

    select
        customers.ultimate_parent_id,
        customers.observed_on,
        coalesce(intervention_capacity.capacity_rate, 0) as capacity_rate,
        row_number() over (
            partition by customers.ultimate_parent_id, customers.observed_on
            order by intervention_capacity.valid_from desc nulls last
        ) as newest_rank
    from customers
    left join intervention_capacity
        on
            customers.engagement_model = intervention_capacity.engagement_model
            and customers.observed_on >= intervention_capacity.valid_from

),

picked as (

    select
        ultimate_parent_id,
        observed_on,
        capacity_rate
    from ranked
    where newest_rank = 1

)

select * from picked
