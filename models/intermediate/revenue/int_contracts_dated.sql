{# A contract is known by its account and the end that its paying lines carry. #}
with

items as (

    select * from {{ ref('int_subscription_items_priced') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

told as (

    select
        items.account_id,
        items.contract_end_on,
        items.valid_from,
        coalesce(items.valid_to, {{ far_future() }}) as valid_to,
        items.notice_on,
        items.notice_period_days,
        clock.as_of_on,
        items.valid_from <= clock.as_of_on as is_begun
    from items
    cross join clock
    where
        items.is_paying
        -- A line that begins after the end it carries goes on from an older contract.
        and items.valid_from <= items.contract_end_on

),

contracts as (

    select
        account_id,
        contract_end_on,
        min(valid_from) as first_told_on,
        min(
            case
                when is_begun and coalesce(notice_on > valid_from, true)
                    then valid_from
            end
        ) as known_since_on,
        -- What pays today goes on in its next version, as where a discount ends.
        case
            when max(case when is_begun then valid_to end) > as_of_on
                then max(valid_to)
            else max(case when is_begun then valid_to end)
        end as ceases_on,
        max(case when is_begun then notice_period_days end) as notice_period_days
    from told
    group by account_id, contract_end_on, as_of_on
    -- An end that only a notice tells is a cancellation of a contract without a term.
    having bool_or(is_begun and coalesce(notice_on > valid_from, true))

),

settling as (

    select
        *,
        -- Time zones and ends that count in or out: what stops now stopped at its end.
        case
            when
                ceases_on
                <= {{ days_after(var('contract_end_slack_days'), 'contract_end_on') }}
                then ceases_on
            else {{ days_after(1, 'contract_end_on') }}
        end as settles_on
    from contracts

),

neighbours as (

    select
        *,
        lag(contract_end_on) over (
            partition by account_id
            order by contract_end_on
        ) as former_end_on,
        lag(settles_on) over (
            partition by account_id
            order by contract_end_on
        ) as former_settles_on
    from settling

),

dated as (

    select
        neighbours.account_id,
        neighbours.contract_end_on,
        {{ days_after(
            '-coalesce(neighbours.notice_period_days, 0)', 'neighbours.contract_end_on'
        ) }} as renewal_decision_on,
        case
            when neighbours.former_settles_on = neighbours.first_told_on
                then greatest(neighbours.former_end_on, neighbours.first_told_on)
            else neighbours.first_told_on
        end as term_starts_on,
        neighbours.known_since_on,
        neighbours.settles_on,
        least({{ days_after(-1, 'neighbours.settles_on') }}, clock.as_of_on)
            as measured_on,
        neighbours.settles_on > clock.last_complete_on as is_open
    from neighbours
    cross join clock

)

select * from dated
