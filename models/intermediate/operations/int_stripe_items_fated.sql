{# No join is a filter: an item without a version has a reason its raw rows tell. #}
with

items as (

    select * from {{ ref('int_stripe_items_told') }}

),

subscription_versions as (

    select * from {{ ref('stg_stripe__subscription_versions') }}

),

versions as (

    select * from {{ ref('int_subscription_items_checked') }}

),

quarantined_rows as (

    select * from {{ ref('stg_run__quarantined_rows') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

-- Their items do not say that they are of the test mode.
subscriptions_of_tests as (

    select split_part(row_key, '|', 1) as subscription_id
    from quarantined_rows
    where
        source_system = 'stripe'
        and entity = 'subscription_history'
        and rule = 'of the test mode of Stripe: livemode is false'
    group by split_part(row_key, '|', 1)

),

subscriptions as (

    select
        subscription_id,
        min(captured_at) as captured_at,
        bool_and(status in ('incomplete', 'incomplete_expired', 'canceled'))
        and bool_or(status <> 'canceled') as is_never_served,
        min(coalesce(started_at, created_at, captured_at)) as started_at,
        max(coalesce(
            ended_at,
            case when status in ('canceled', 'incomplete_expired') then captured_at end
        )) as ended_at
    from subscription_versions
    group by subscription_id

),

versions_judged as (

    select
        item_id,
        bool_or(
            quarantine_rule is null and not is_empty_interval and not is_superseded
        ) as is_used,
        bool_and(quarantine_rule is not null) as is_kept_out,
        min(quarantine_rule) as quarantine_rule
    from versions
    where source_system = 'stripe'
    group by item_id

),

judged as (

    select
        items.*,
        case
            when versions_judged.is_used then 'none'
            when versions_judged.is_kept_out then versions_judged.quarantine_rule
            when versions_judged.item_id is not null then 'empty interval'
            when
                subscriptions.subscription_id is null
                and subscriptions_of_tests.subscription_id is not null
                then 'of the test mode of Stripe: livemode is false'
            when subscriptions.subscription_id is null
                then 'subscription of the item was not landed'
            when items.is_one_off then 'billed once: no MRR'
            when items.unheard_rank = 3 or subscriptions.captured_at > clock.as_of_at
                then 'after the run''s day'
            when items.unheard_rank = 2 then 'on deleted bills alone'
            when items.unheard_rank = 1 then 'on void bills alone'
            when subscriptions.is_never_served then 'its subscription had no service'
            when cast(subscriptions.ended_at as date) <= cast(items.seen_at as date)
                then 'first seen when its subscription had ended'
            when items.covered_to <= subscriptions.started_at
                then 'billed for a time before its subscription'
            when items.is_landed then null
            when cast(items.covered_to as date) <= cast(items.seen_at as date)
                then 'billed for no time'
            when items.is_taken_back then 'billed and taken back'
        end as rule,
        coalesce(versions_judged.is_used, false) as is_used,
        coalesce(
            versions_judged.is_kept_out, subscriptions.subscription_id is null
        ) as is_kept_out
    from items
    cross join clock
    left join subscriptions
        on items.subscription_id = subscriptions.subscription_id
    left join subscriptions_of_tests
        on items.subscription_id = subscriptions_of_tests.subscription_id
    left join versions_judged
        on items.item_id = versions_judged.item_id

),

fated as (

    select
        item_id,
        subscription_id,
        case
            when is_used then 'used'
            when is_kept_out then 'kept_out'
            when rule = 'after the run''s day' then 'not_yet_known'
            when rule is not null then 'ignored'
        end as fate,
        rule,
        is_landed,
        source_file,
        source_line
    from judged

)

select * from fated
