with

clocks as (

    select * from {{ ref('int_value_clocks_started') }}

),

counted as (

    select
        cast(desired_outcome as string) as desired_outcome,
        cast(count(*) as bigint) as account_count,
        cast(count(milestone) as bigint) as measured_account_count,
        cast(count(*) - count(milestone) as bigint) as unmeasured_account_count
    from clocks
    group by desired_outcome

)

select * from counted
