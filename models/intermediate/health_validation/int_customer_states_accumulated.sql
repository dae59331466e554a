{# What its accounts pay for, and whether notice covers all of it, change by change. #}
with

members as (

    select * from {{ ref('int_customer_members_listed') }}

),

items as (

    select * from {{ ref('int_subscription_items_priced') }}

),

versions as (

    select
        account_id,
        valid_from,
        coalesce(valid_to, {{ far_future() }}) as valid_to,
        greatest(valid_from, least(
            coalesce(valid_to, {{ far_future() }}),
            coalesce(notice_on, {{ far_future() }})
        )) as unnoticed_to
    from items
    where mrr > 0

),

changes as (

    select
        account_id,
        valid_from as changed_on,
        1 as paid_delta,
        case when unnoticed_to > valid_from then 1 else 0 end as unnoticed_delta
    from versions

    union all

    select
        account_id,
        unnoticed_to as changed_on,
        0 as paid_delta,
        -1 as unnoticed_delta
    from versions
    where
        unnoticed_to > valid_from
        and unnoticed_to < {{ far_future() }}

    union all

    select
        account_id,
        valid_to as changed_on,
        -1 as paid_delta,
        0 as unnoticed_delta
    from versions
    where valid_to < {{ far_future() }}

),

-- All that lies before the month end is one opening state, on the month end itself.
daily as (

    select
        members.ultimate_parent_id,
        members.observed_on,
        greatest(changes.changed_on, members.observed_on) as state_on,
        sum(changes.paid_delta) as paid_delta,
        sum(changes.unnoticed_delta) as unnoticed_delta
    from members
    inner join changes
        on
            members.account_id = changes.account_id
            and changes.changed_on <= {{ days_after(
                var('health_label_lead_days') + var('health_label_horizon_days')
                + var('late_renewal_grace_days'), 'members.observed_on'
            ) }}
    group by
        members.ultimate_parent_id,
        members.observed_on,
        greatest(changes.changed_on, members.observed_on)

),

accumulated as (

    select
        ultimate_parent_id,
        observed_on,
        state_on,
        sum(paid_delta) over so_far > 0 as is_paying,
        sum(paid_delta) over so_far > 0
        and sum(unnoticed_delta) over so_far = 0 as is_on_notice
    from daily
    window so_far as (
        partition by ultimate_parent_id, observed_on
        order by state_on
        rows between unbounded preceding and current row
    )

)

select * from accumulated
