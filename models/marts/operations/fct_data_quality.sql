with

load_rows as (

    select * from {{ ref('int_load_rows_counted') }}

),

checked_rows as (

    select * from {{ ref('int_checked_rows_counted') }}

),

warnings as (

    select * from {{ ref('int_warnings_counted') }}

),

bills_compared as (

    select * from {{ ref('int_stripe_bills_compared') }}

),

stripe_items as (

    select * from {{ ref('int_stripe_items_fated') }}

),

items as (

    select
        'stripe' as source_system,
        case when is_landed then 'subscription_item' else 'invoice_line_item' end
            as entity,
        fate as disposition,
        rule,
        count(*) as row_count
    from stripe_items
    group by is_landed, fate, rule

),

bills as (

    select
        'bills' as stage,
        'stripe' as source_system,
        'subscription_history' as entity,
        case
            when disagreement is not null then 'disagreed'
            when is_price_believed then 'believed'
            else 'agreed'
        end as disposition,
        case
            when disagreement is not null then disagreement
            when is_price_believed then 'price read from its bills'
            else 'none'
        end as rule,
        count(*) as row_count
    from bills_compared
    group by disagreement, is_price_believed

),

stages as (

    select
        'load' as stage,
        source_system,
        entity,
        disposition,
        rule,
        row_count
    from load_rows

    union all

    select
        'model' as stage,
        source_system,
        entity,
        disposition,
        rule,
        row_count
    from checked_rows

    union all

    select
        'items' as stage,
        source_system,
        entity,
        disposition,
        rule,
        row_count
    from items

    union all

    select
        'warning' as stage,
        source_system,
        entity,
        disposition,
        rule,
        row_count
    from warnings

    union all

    select
        stage,
        source_system,
        entity,
        disposition,
        rule,
        row_count
    from bills

),

contracted as (

    select
        cast(stage as string) as stage,
        cast(source_system as string) as source_system,
        cast(entity as string) as entity,
        cast(disposition as string) as disposition,
        cast(rule as string) as rule,
        cast(row_count as bigint) as row_count
    from stages

)

select * from contracted
