with

waits as (

    select * from {{ ref('int_value_waits_ended') }}

),

contracted as (

    select
        cast(account_id as string) as account_id,

        cast(ultimate_parent_id as string) as ultimate_parent_id,
        cast(desired_outcome as string) as desired_outcome,
        cast(milestone as string) as milestone,
        cast(tier as string) as tier,
        cast(engagement_model as string) as engagement_model,
        cast(plan as string) as plan,
        cast(owner_id as string) as owner_id,
        cast(status as string) as status,

        cast(clock_started_on as date) as clock_started_on,
        cast(value_reached_on as date) as value_reached_on,
        cast(left_on as date) as left_on,
        cast(observed_until_on as date) as observed_until_on,

        case when status = 'reached' then observed_days end as time_to_value_days,
        observed_days,

        coalesce(milestone_met_on < value_reached_on, false) as is_reached_before_clock,
        is_start_observed
    from waits

)

select * from contracted
