{# One sweep over the days: what enters a window is added, what leaves is taken off. #}
with

days as (

    select * from {{ ref('int_health_days_awaited') }}

),

accounts as (

    select * from {{ ref('int_health_accounts_awaited') }}

),

inputs as (

    select * from {{ ref('int_relationship_inputs_windowed') }}

),

windowed as (

    select inputs.*
    from inputs
    inner join accounts
        on
            inputs.account_id = accounts.account_id
            and inputs.counts_from <= accounts.scored_to
            and inputs.counts_to > accounts.scored_from

),

changes as (

    select
        account_id,
        counts_from as changed_on,
        input_name as amount_kind,
        cast(amount as bigint) as amount
    from windowed

    union all

    select
        account_id,
        counts_to as changed_on,
        input_name as amount_kind,
        -cast(amount as bigint) as amount
    from windowed
    where counts_to < {{ far_future() }}

    union all

    select
        account_id,
        health_on as changed_on,
        'health_day' as amount_kind,
        cast(0 as bigint) as amount
    from days

),

daily as (

    select
        account_id,
        changed_on,
        count_if(amount_kind = 'health_day') > 0 as is_health_day,
        {{ total_of('active_stakeholders') }} as active_stakeholders,
        {{ total_of('active_personas') }} as active_personas,
        {{ total_of('contacts') }} as contacts,
        {{ total_of('contacts_of_persona') }} as contacts_of_persona,
        {{ total_of('champions_present') }} as champions_present,
        max(case when amount_kind = 'champions_left' then changed_on end)
            as champion_left_on,
        max(case when amount_kind = 'last_touch' then amount end) as last_touch_day
    from changes
    group by account_id, changed_on

),

accumulated as (

    select
        account_id,
        changed_on as health_on,
        is_health_day,
        cast(sum(active_stakeholders) over so_far as bigint)
            as active_stakeholder_count,
        cast(sum(active_personas) over so_far as bigint) as active_persona_count,
        cast(sum(contacts) over so_far as bigint) as contact_count,
        cast(sum(contacts_of_persona) over so_far as bigint)
            as contact_of_persona_count,
        cast(sum(champions_present) over so_far as bigint) as champion_count,
        max(champion_left_on) over so_far as last_champion_left_on,
        max(last_touch_day) over so_far as last_touch_day
    from daily
    window so_far as (
        partition by account_id
        order by changed_on
        rows between unbounded preceding and current row
    )

)

select * from accumulated
where is_health_day
