{# The history of an account comes from one source: the first by policy that has any. #}
with

file_history as (

    select * from {{ ref('stg_files__account_history') }}

),

salesforce_history as (

    select * from {{ ref('int_salesforce_account_history_shaped') }}

),

precedences as (

    select * from {{ ref('source_precedence') }}

),

labelled as (

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
        segment,
        'files' as source_system,
        source_file,
        source_line
    from file_history

    union all

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
        cast(null as string) as segment,
        'salesforce' as source_system,
        source_file,
        source_line
    from salesforce_history

),

-- A source that nobody ranked comes first, so that the test on it goes red.
ranked as (

    select
        labelled.*,
        rank() over (
            partition by labelled.account_id
            order by coalesce(precedences.precedence, 0), labelled.source_system
        ) as source_rank
    from labelled
    left join precedences
        on
            labelled.source_system = precedences.source_system
            and precedences.entity = 'account_history'

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
        segment,
        source_system,
        source_file,
        source_line
    from ranked
    where source_rank = 1

)

select * from unioned
