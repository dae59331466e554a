{# Each capture with the day from which it holds, and what it tells of the time
   before it. #}
with

captures as (

    select * from {{ ref('int_stripe_subscription_captures_compared') }}

),

told as (

    select
        subscription_id,
        captured_at,
        4 as told_rank,
        case
            when status = 'ended' then ended_on
            -- What is not paid for holds after all that was.
            when
                is_first
                and status in ('trialing', 'incomplete', 'unpaid', 'paused')
                and paid_until is not null
                then greatest(paid_until, captured_on)
            when is_first and status = 'active' and is_trial_over then active_from
            when
                status <> 'trialing'
                and trial_ended_on <= captured_on
                and (previous_status = 'trialing' or is_first and status = 'active')
                then trial_ended_on
            when is_first and status in ('trialing', 'active', 'incomplete')
                then started_on
            when
                status = previous_status
                and period_started_on > previous_period_started_on
                then least(period_started_on, captured_on)
            when status = previous_status and is_ending and not was_ending
                then least(notice_on, captured_on)
            else captured_on
        end as effective_on,
        status,
        case when status <> 'ended' and is_ending then notice_on end as notice_on,
        contract_end_on,
        is_end_told_by_notice
    from captures

    union all

    -- The trial that was over before the first capture,
    select
        subscription_id,
        captured_at,
        1 as told_rank,
        started_on as effective_on,
        'trialing' as status,
        cast(null as date) as notice_on,
        cast(null as date) as contract_end_on,
        false as is_end_told_by_notice
    from captures
    where
        is_first
        and status <> 'trialing'
        and trial_ended_on is not null
        and (paid_until is null or trial_ended_on <= active_from)

    union all

    -- what was paid for before it,
    select
        subscription_id,
        captured_at,
        2 as told_rank,
        active_from as effective_on,
        'active' as status,
        cast(null as date) as notice_on,
        contract_end_on,
        is_end_told_by_notice
    from captures
    where
        is_first
        and not is_never_paid
        and (
            status in ('ended', 'past_due', 'unpaid', 'paused')
            or status in ('trialing', 'incomplete') and paid_until is not null
        )

    union all

    -- and the notice before an end that nobody captured.
    select
        subscription_id,
        captured_at,
        3 as told_rank,
        case when is_first then greatest(notice_on, active_from) else notice_on end
            as effective_on,
        coalesce(previous_status, 'active') as status,
        notice_on,
        ended_on as contract_end_on,
        true as is_end_told_by_notice
    from captures
    where
        status = 'ended'
        and not was_ending
        and notice_on < ended_on
        and (not is_first or active_from < ended_on and not is_never_paid)

)

select * from told
