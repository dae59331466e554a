{# What the newest look at a subscription told by the end of a day, right or wrong: a
   later look corrects the ledger and never what was known. #}
with

states_told as (

    select * from {{ ref('int_stripe_subscription_states_told') }}

),

looked as (

    select
        *,
        cast(captured_at as date) as captured_on,
        min(captured_at) over (partition by subscription_id) as first_captured_at
    from states_told

),

-- What was known before the first look is not recorded: it counts from its happening.
known as (

    select
        subscription_id,
        case
            when captured_at = first_captured_at and status = 'active'
                then least(effective_on, captured_on)
            when captured_at = first_captured_at then effective_on
            else captured_on
        end as known_on,
        captured_at,
        told_rank,
        status,
        effective_on,
        -- A notice or the end that it told is known from the look that saw it.
        case when notice_on is not null then greatest(notice_on, captured_on) end
            as notice_on,
        contract_end_on,
        case
            when is_end_told_by_notice
                then greatest(captured_on, coalesce(notice_on, captured_on))
            else effective_on
        end as end_hidden_until
    from looked
    where
        captured_at = first_captured_at
        or told_rank = 4

),

ranked as (

    select
        *,
        row_number() over (
            partition by subscription_id, known_on
            order by captured_at desc, told_rank desc
        ) as latest_rank
    from known

),

dated as (

    select
        subscription_id,
        known_on as known_from,
        coalesce(
            lead(known_on) over (
                partition by subscription_id
                order by known_on
            ),
            {{ far_future() }}
        ) as known_to,
        case when status = 'ended' then effective_on end as ended_on,
        notice_on,
        contract_end_on,
        end_hidden_until
    from ranked
    where latest_rank = 1

)

select * from dated
