-- A row is an onboarding step that is friction, or that we do and not the customer.
with

steps as (

    select * from {{ ref('onboarding_steps') }}

),

feature_catalogue as (

    select * from {{ ref('feature_catalogue') }}

),

not_theirs as (

    select
        steps.desired_outcome,
        steps.step,
        steps.event_name
    from steps
    inner join feature_catalogue
        on steps.event_name = feature_catalogue.event_name
    where
        feature_catalogue.is_friction
        or not feature_catalogue.is_customer_initiated

)

select * from not_theirs
