with

spans as (

    select * from {{ ref('int_stakeholder_spans_merged') }}

),

contact_versions as (

    select * from {{ ref('int_contact_versions_dated') }}

),

touchpoints as (

    select * from {{ ref('int_touchpoints_conformed') }}

),

windowed as (

    select
        account_id,
        case
            when actor_kind = 'contact' then 'active_stakeholders'
            else 'active_personas'
        end as input_name,
        active_from as counts_from,
        active_to as counts_to,
        1 as amount
    from spans

    union all

    select
        account_id,
        'contacts' as input_name,
        counts_from,
        counts_to,
        1 as amount
    from contact_versions

    union all

    select
        account_id,
        'contacts_of_persona' as input_name,
        counts_from,
        counts_to,
        1 as amount
    from contact_versions
    where persona is not null

    union all

    select
        account_id,
        'champions_present' as input_name,
        counts_from,
        least(counts_to, coalesce(left_on, {{ far_future() }})) as counts_to,
        1 as amount
    from contact_versions
    where persona = 'champion'

    union all

    select
        account_id,
        'champions_left' as input_name,
        left_on as counts_from,
        {{ far_future() }} as counts_to,
        1 as amount
    from contact_versions
    where
        persona = 'champion'
        and left_on is not null

    union all

    -- The day of the touch is the amount: it may be known later than it happened.
    select
        account_id,
        'last_touch' as input_name,
        known_on as counts_from,
        {{ far_future() }} as counts_to,
        {{ dbt.datediff(the_beginning(), 'touched_on', 'day') }}
            as amount
    from touchpoints

)

select * from windowed
where counts_from < counts_to
