{# Connectors leave the subscription of a line empty, or keep it on the item alone. #}
with

lines as (

    select * from {{ ref('stg_stripe__invoice_lines') }}

),

invoices as (

    select * from {{ ref('stg_stripe__invoices') }}

),

subscription_items as (

    select * from {{ ref('stg_stripe__subscription_items') }}

),

item_captures as (

    select * from {{ ref('stg_stripe__item_captures') }}

),

owners_told as (

    select
        item_id,
        subscription_id,
        1 as told_rank
    from subscription_items

    union all

    select
        item_id,
        subscription_id,
        2 as told_rank
    from item_captures

    union all

    select
        item_id,
        subscription_id,
        3 as told_rank
    from lines

    union all

    select
        lines.item_id,
        invoices.subscription_id,
        4 as told_rank
    from lines
    inner join invoices
        on lines.invoice_id = invoices.invoice_id

),

owners_found as (

    select
        item_id,
        coalesce(
            min(case when told_rank = 1 then subscription_id end),
            min(case when told_rank = 2 then subscription_id end),
            min(case when told_rank = 3 then subscription_id end),
            min(subscription_id)
        ) as subscription_id
    from owners_told
    where item_id is not null
    group by item_id

)

select * from owners_found
