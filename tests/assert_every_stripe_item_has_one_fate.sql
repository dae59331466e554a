-- A returned row is an item of Stripe that no version and no rule accounts for, or a
-- landed table of items whose rows do not all have a fate.
with

items as (

    select * from {{ ref('int_stripe_items_fated') }}

),

loads as (

    select * from {{ ref('stg_run__loads') }}

),

counted as (

    select
        'stripe' as source_system,
        count(item_id) as items_fated
    from items
    where is_landed and fate is not null

)

select
    item_id as told,
    cast(null as bigint) as rows_landed,
    cast(null as bigint) as items_fated
from items
where fate is null

union all

select
    loads.entity as told,
    loads.rows_landed,
    counted.items_fated
from loads
inner join counted
    on loads.source_system = counted.source_system
where
    loads.entity = 'subscription_item'
    and loads.rows_landed <> counted.items_fated
