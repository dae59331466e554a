{# A version is where a state of the item meets a state of its subscription. #}
with

item_states as (

    select * from {{ ref('int_stripe_item_states_ordered') }}

),

subscription_states as (

    select * from {{ ref('int_stripe_subscription_states_ordered') }}

),

versions as (

    select
        item_states.subscription_id,
        item_states.item_id,
        item_states.price_id,
        item_states.quantity,
        greatest(item_states.valid_from, subscription_states.valid_from) as valid_from,
        least(
            coalesce(item_states.valid_to, {{ far_future() }}),
            coalesce(subscription_states.valid_to, {{ far_future() }})
        ) as valid_to,
        subscription_states.status,
        subscription_states.notice_on,
        subscription_states.contract_end_on,
        case
            when subscription_states.valid_from > item_states.valid_from
                then 'subscription_history'
            else item_states.evidence
        end as evidence,
        item_states.source_file,
        item_states.source_line
    from item_states
    inner join subscription_states
        on
            item_states.subscription_id = subscription_states.subscription_id
            and item_states.valid_from
            < coalesce(subscription_states.valid_to, {{ far_future() }})
            and coalesce(item_states.valid_to, {{ far_future() }})
            > subscription_states.valid_from
    where
        not item_states.is_removed
        and subscription_states.status not in ('ended', 'incomplete')

)

select * from versions
