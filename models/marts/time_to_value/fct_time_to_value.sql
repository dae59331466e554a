with

clocks as (

    select * from {{ ref('int_value_clocks_started') }}

),

reached as (

    select * from {{ ref('int_milestone_days_reached') }}

),

feature_days as (

    select * from {{ ref('int_feature_days_rolled_up') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

first_observed as (

    select min(occurred_on) as observed_from_on
    from feature_days

),

raced as (

    select
        clocks.*,
        reached.milestone_met_on,
        case
            when
                reached.milestone_met_on is not null
                and reached.milestone_met_on
                < coalesce(clocks.left_on, {{ far_future() }})
                then greatest(reached.milestone_met_on, clocks.clock_started_on)
        end as value_reached_on
    from clocks
    left join reached
        on clocks.account_id = reached.account_id
    where clocks.milestone is not null

),

ended as (

    select
        *,
        case
            when value_reached_on is not null then 'reached'
            when left_on is not null then 'left'
            else 'censored'
        end as status
    from raced

),

contracted as (

    select
        cast(ended.account_id as string) as account_id,

        cast(ended.ultimate_parent_id as string) as ultimate_parent_id,
        cast(ended.desired_outcome as string) as desired_outcome,
        cast(ended.milestone as string) as milestone,
        cast(ended.tier as string) as tier,
        cast(ended.engagement_model as string) as engagement_model,
        cast(ended.owner_id as string) as owner_id,
        cast(ended.status as string) as status,

        cast(ended.clock_started_on as date) as clock_started_on,
        cast(ended.value_reached_on as date) as value_reached_on,
        cast(ended.left_on as date) as left_on,
        cast(
            coalesce(ended.value_reached_on, ended.left_on, clock.as_of_on) as date
        ) as observed_until_on,

        cast(
            {{ dbt.datediff(
                'ended.clock_started_on', 'ended.value_reached_on', 'day'
            ) }} as bigint
        ) as time_to_value_days,
        cast(
            {{ dbt.datediff(
                'ended.clock_started_on',
                'coalesce(ended.value_reached_on, ended.left_on, clock.as_of_on)',
                'day'
            ) }} as bigint
        ) as observed_days,

        coalesce(ended.milestone_met_on < ended.value_reached_on, false)
            as is_reached_before_clock,
        coalesce(ended.clock_started_on >= first_observed.observed_from_on, false)
            as is_start_observed
    from ended
    cross join clock
    cross join first_observed

)

select * from contracted
