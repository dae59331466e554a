{# The history of an account comes from one source: from files where they have any. #}
with

file_history as (

    select * from {{ ref('stg_files__account_history') }}

),

salesforce_history as (

    select * from {{ ref('int_salesforce_account_history_shaped') }}

),

labelled as (

    select
        *,
        'files' as source_system
    from file_history

    union all

    select
        *,
        'salesforce' as source_system
    from salesforce_history

),

ranked as (

    select
        *,
        min(source_system) over (partition by account_id) as first_source_system
    from labelled

),

unioned as (

    select
        account_id,
        valid_from,
        valid_to,
        parent_account_id,
        merged_into_account_id,
        owner_id,
        desired_outcome,
        is_strategic,
        growth_potential,
        country,
        source_system,
        source_file,
        source_line
    from ranked
    where source_system = first_source_system

)

select * from unioned
