{# Only what happens after the month end is an event, be it known or not at the time. #}
with

customers as (

    select * from {{ ref('int_customers_observed') }}

),

states as (

    select * from {{ ref('int_customer_states_accumulated') }}

),

compared as (

    select
        *,
        lag(is_paying) over customer_states as was_paying,
        lag(is_on_notice) over customer_states as was_on_notice,
        min(case when is_paying then state_on end) over (
            partition by ultimate_parent_id, observed_on
            order by state_on
            rows between 1 following and unbounded following
        ) as next_paid_on
    from states
    window customer_states as (
        partition by ultimate_parent_id, observed_on
        order by state_on
    )

),

events as (

    select
        ultimate_parent_id,
        observed_on,
        state_on as event_on,
        case when is_on_notice then 'notice' else 'churn' end as event_kind
    from compared
    where
        state_on > observed_on
        and state_on <= {{ days_after(
            var('health_label_lead_days') + var('health_label_horizon_days'),
            'observed_on'
        ) }}
        and (
            (is_on_notice and not was_on_notice)
            or (
                was_paying
                and not is_paying
                and not coalesce(
                    {{ within_grace('state_on', 'next_paid_on') }}, false
                )
            )
        )

),

first_events as (

    select
        ultimate_parent_id,
        observed_on,
        min(event_on) as first_event_on,
        min_by(event_kind, event_on) as first_event
    from events
    group by ultimate_parent_id, observed_on

),

labelled as (

    select
        customers.ultimate_parent_id,
        customers.observed_on,
        customers.tier,
        customers.desired_outcome,
        customers.engagement_model,
        customers.mrr,
        first_events.first_event_on,
        first_events.first_event,
        coalesce(
            first_events.first_event_on > {{ days_after(
                var('health_label_lead_days'), 'customers.observed_on'
            ) }}, false
        ) as is_followed_by_loss,
        coalesce(
            first_events.first_event_on <= {{ days_after(
                var('health_label_lead_days'), 'customers.observed_on'
            ) }}, false
        ) as is_early_leaver
    from customers
    left join first_events
        on
            customers.ultimate_parent_id = first_events.ultimate_parent_id
            and customers.observed_on = first_events.observed_on

)

select * from labelled
