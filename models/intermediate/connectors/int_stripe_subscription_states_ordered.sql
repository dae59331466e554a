{# What was captured later corrects what was captured earlier for the same or later
   days. #}
with

states_told as (

    select * from {{ ref('int_stripe_subscription_states_told') }}

),

ranked as (

    select
        *,
        min(effective_on) over (
            partition by subscription_id
            order by captured_at, told_rank
            rows between 1 following and unbounded following
        ) as corrected_from
    from states_told

),

compared as (

    select
        *,
        lag(effective_on) over (
            partition by subscription_id
            order by effective_on
        ) is null as is_first,
        lag(status) over (
            partition by subscription_id
            order by effective_on
        ) as previous_status,
        lag(notice_on) over (
            partition by subscription_id
            order by effective_on
        ) as previous_notice_on,
        lag(contract_end_on) over (
            partition by subscription_id
            order by effective_on
        ) as previous_contract_end_on
    from ranked
    where
        corrected_from is null
        or effective_on < corrected_from

),

ordered as (

    select
        subscription_id,
        effective_on as valid_from,
        lead(effective_on) over (
            partition by subscription_id
            order by effective_on
        ) as valid_to,
        status,
        notice_on,
        contract_end_on
    from compared
    where
        is_first
        or status <> previous_status
        or notice_on is distinct from previous_notice_on
        or contract_end_on is distinct from previous_contract_end_on

)

select * from ordered
