{# Null is missing, which is neither good nor bad. #}
with

inputs as (

    select * from {{ ref('int_relationship_inputs_accumulated') }}

),

dates as (

    select * from {{ ref('int_relationship_dates_described') }}

),

aged as (

    select
        inputs.*,
        dates.last_heard_on,
        {{ dbt.datediff('dates.last_heard_on', 'inputs.health_on', 'day') }}
            as heard_days_ago,
        {{ dbt.datediff('inputs.last_champion_left_on', 'inputs.health_on', 'day') }}
            as champion_left_days_ago,
        {{ dbt.datediff(the_beginning(), 'inputs.health_on', 'day') }}
        - inputs.last_touch_day as touched_days_ago
    from inputs
    inner join dates
        on inputs.health_on = dates.date_on

),

derived as (

    select
        account_id,
        health_on,
        case
            when contact_count > 0 and last_heard_on is not null
                then cast(active_stakeholder_count as double)
        end as active_stakeholders,
        case
            when contact_of_persona_count > 0 and last_heard_on is not null
                then cast(active_persona_count as double)
        end as stakeholder_personas,
        case
            when champion_count > 0
                then cast({{ var('champion_present_days') }} as double)
            when last_champion_left_on is not null
                then cast(
                    least(
                        champion_left_days_ago, {{ var('champion_present_days') }} - 1
                    ) as double
                )
        end as days_since_champion_left,
        cast(touched_days_ago as double) as days_since_touch,
        cast(
            case when contact_count > 0 then heard_days_ago end as bigint
        ) as active_stakeholders_freshness_days,
        cast(
            case when contact_of_persona_count > 0 then heard_days_ago end as bigint
        ) as stakeholder_personas_freshness_days,
        cast(
            case
                when champion_count > 0 or last_champion_left_on is not null then 0
            end as bigint
        ) as days_since_champion_left_freshness_days,
        cast(
            case when last_touch_day is not null then 0 end as bigint
        ) as days_since_touch_freshness_days
    from aged

)

select * from derived
