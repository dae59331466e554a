{# Asked of the raw rows, so that no join behind the versions can hide an item. #}
with

subscription_items as (

    select * from {{ ref('stg_stripe__subscription_items') }}

),

lines as (

    select * from {{ ref('stg_stripe__invoice_lines') }}

),

invoices as (

    select * from {{ ref('stg_stripe__invoices') }}

),

owners as (

    select * from {{ ref('int_stripe_item_owners_found') }}

),

prices as (

    select * from {{ ref('int_stripe_prices_unioned') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

told as (

    select
        subscription_items.item_id,
        subscription_items.price_id,
        true as is_landed,
        case
            when
                subscription_items.created_at > clock.as_of_at
                or cast(subscription_items.synced_at as date)
                > {{ days_after(1, 'clock.as_of_on') }}
                then 3
            else 0
        end as unheard_rank,
        false as is_credit,
        coalesce(
            subscription_items.created_at, subscription_items.synced_at, clock.as_of_at
        ) as seen_at,
        clock.as_of_at as covered_to,
        subscription_items.source_file,
        subscription_items.source_line
    from subscription_items
    cross join clock

    union all

    select
        lines.item_id,
        lines.price_id,
        false as is_landed,
        case
            when coalesce(invoices.created_at, lines.period_started_at) > clock.as_of_at
                then 3
            when invoices.is_deleted then 2
            when invoices.status = 'void' then 1
            else 0
        end as unheard_rank,
        coalesce(lines.is_proration and lines.amount < 0, false) as is_credit,
        lines.period_started_at as seen_at,
        lines.period_ends_at as covered_to,
        lines.source_file,
        lines.source_line
    from lines
    left join invoices
        on lines.invoice_id = invoices.invoice_id
    cross join clock
    where lines.item_id is not null

),

items_told as (

    select
        told.item_id,
        min(owners.subscription_id) as subscription_id,
        bool_or(told.is_landed) as is_landed,
        bool_and(coalesce(prices.price_type, 'recurring') <> 'recurring')
            as is_one_off,
        min(told.unheard_rank) as unheard_rank,
        bool_or(told.is_credit) as is_taken_back,
        min(told.seen_at) as seen_at,
        max(told.covered_to) as covered_to,
        min_by(told.source_file, cast(not told.is_landed as integer)) as source_file,
        min_by(told.source_line, cast(not told.is_landed as integer)) as source_line
    from told
    left join prices
        on told.price_id = prices.price_id
    left join owners
        on told.item_id = owners.item_id
    group by told.item_id

)

select * from items_told
