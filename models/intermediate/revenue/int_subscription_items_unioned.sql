with

file_items as (

    select * from {{ ref('stg_files__subscription_items') }}

),

stripe_items as (

    select * from {{ ref('int_stripe_subscription_items_rebuilt') }}

),

unioned as (

    select
        'files' as source_system,
        *,
        'stated' as evidence
    from file_items

    union all

    select
        'stripe' as source_system,
        *
    from stripe_items

)

select * from unioned
