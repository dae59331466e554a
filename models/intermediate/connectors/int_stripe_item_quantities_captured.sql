{# A subscription tells a quantity only while it has a single item; a first one may
   be older than its capture. #}
with

subscription_versions as (

    select * from {{ ref('stg_stripe__subscription_versions') }}

),

items as (

    select * from {{ ref('int_stripe_items_listed') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

compared as (

    select
        subscription_versions.*,
        lag(subscription_versions.quantity) over (
            partition by subscription_versions.subscription_id
            order by subscription_versions.captured_at
        ) as previous_quantity
    from subscription_versions
    cross join clock
    where
        subscription_versions.quantity is not null
        and subscription_versions.captured_at <= clock.as_of_at

),

captured as (

    select
        compared.subscription_id,
        items.item_id,
        case
            when compared.previous_quantity is null
                then coalesce(compared.started_at, compared.captured_at)
            else compared.captured_at
        end as observed_at,
        compared.quantity,
        compared.previous_quantity is null as is_first,
        compared.source_file,
        compared.source_line
    from compared
    inner join items
        on compared.subscription_id = items.subscription_id
    where
        items.item_position = 1
        and not items.is_metered
        and compared.quantity is distinct from compared.previous_quantity
        and (
            items.next_item_seen_at is null
            or compared.captured_at < items.next_item_seen_at
        )

)

select * from captured
