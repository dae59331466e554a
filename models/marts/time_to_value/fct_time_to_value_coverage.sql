with

clocks as (

    select * from {{ ref('int_value_clocks_started') }}

),

waits as (

    select * from {{ ref('int_value_waits_ended') }}

),

counted as (

    select
        cast(clocks.desired_outcome as string) as desired_outcome,
        cast(count(*) as bigint) as account_count,
        cast(count(waits.account_id) as bigint) as measured_account_count,
        cast(count(*) - count(waits.account_id) as bigint) as unmeasured_account_count,
        cast(count_if(coalesce(not waits.is_start_observed, false)) as bigint)
            as unobserved_start_account_count
    from clocks
    left join waits
        on clocks.account_id = waits.account_id
    group by clocks.desired_outcome

)

select * from counted
