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

bills as (

    select
        'bills' as stage,
        'stripe' as source_system,
        'subscription_history' as entity,
        case when disagreement is null then 'agreed' else 'disagreed' end
            as disposition,
        coalesce(disagreement, 'none') as rule,
        count(*) as row_count
    from bills_compared
    group by disagreement

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
