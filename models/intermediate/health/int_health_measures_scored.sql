{# Where each value lies on its curve, faded by age, for each profile of the day. #}
with

awaited as (

    select * from {{ ref('int_health_days_awaited') }}

),

policies as (

    select * from {{ ref('int_health_policies_dated') }}

),

weights as (

    select * from {{ ref('int_health_weights_resolved') }}

),

curves as (

    select * from {{ ref('int_health_curves_pieced') }}

),

measures as (

    select * from {{ ref('int_health_measures_unpivoted') }}

),

weighted as (

    select
        measures.account_id,
        measures.health_on,
        policies.profile,
        policies.policy_version,
        policies.is_chosen,
        measures.measure,
        weights.family,
        measures.input_value,
        measures.freshness_days,
        weights.weight,
        weights.measure_number,
        weights.expires_after_days,
        awaited.account_age_days
    from measures
    inner join awaited
        on
            measures.account_id = awaited.account_id
            and measures.health_on = awaited.health_on
    inner join policies
        on measures.health_on = policies.date_on
    inner join weights
        on
            policies.policy_version = weights.policy_version
            and awaited.engagement_model = weights.engagement_model
            and measures.measure = weights.measure
    where measures.freshness_days <= weights.expires_after_days

),

scored as (

    select
        weighted.account_id,
        weighted.health_on,
        weighted.profile,
        weighted.policy_version,
        weighted.is_chosen,
        weighted.measure,
        weighted.family,
        weighted.input_value,
        weighted.freshness_days,
        weighted.weight,
        weighted.measure_number,
        {{ faded(
            'curves.score_from + curves.slope'
            ~ ' * (weighted.input_value - curves.anchor_value)',
            'weighted.freshness_days',
            'weighted.expires_after_days'
        ) }} as measure_score
    from weighted
    inner join curves
        on
            weighted.policy_version = curves.policy_version
            and weighted.measure = curves.measure
            and weighted.input_value >= curves.value_from
            and weighted.input_value < curves.value_before
            and weighted.account_age_days >= curves.age_from_days
            and weighted.account_age_days < curves.age_before_days

),

bounded as (

    select
        account_id,
        health_on,
        profile,
        policy_version,
        is_chosen,
        measure,
        family,
        input_value,
        freshness_days,
        weight,
        measure_number,
        {{ within_rounding('measure_score', 0, 100) }} as measure_score
    from scored

)

select * from bounded
