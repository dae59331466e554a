-- A row is a milestone that people would reach by vanity or friction alone.
with

milestones as (

    select * from {{ ref('milestones') }}

),

feature_catalogue as (

    select * from {{ ref('feature_catalogue') }}

),

vain as (

    select
        milestones.desired_outcome,
        milestones.milestone,
        milestones.event_name
    from milestones
    inner join feature_catalogue
        on milestones.event_name = feature_catalogue.event_name
    where
        feature_catalogue.is_vanity
        or feature_catalogue.is_friction
        or not feature_catalogue.is_customer_initiated

)

select * from vain
