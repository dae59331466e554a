{# A version bears its first day and a checksum of every policy row up to that day. #}
with

profiles as (

    select * from {{ ref('health_profiles') }}

),

policy_rows as (

    select * from {{ ref('int_health_policy_rows_listed') }}

),

dated as (

    select
        profiles.profile,
        policy_rows.valid_from,
        concat_ws('|', cast(policy_rows.valid_from as string), policy_rows.policy_text)
            as dated_text
    from profiles
    inner join policy_rows
        on policy_rows.profile in (profiles.profile, 'any')

),

daily as (

    select
        profile,
        valid_from,
        sum({{ hashed_number('dated_text') }}) as policy_sum
    from dated
    group by profile, valid_from

),

named as (

    select
        profile,
        valid_from,
        coalesce(lead(valid_from) over versions, {{ far_future() }}) as valid_to,
        cast(
            sum(policy_sum) over (
                partition by profile
                order by valid_from
                rows between unbounded preceding and current row
            ) as bigint
        ) as policy_sum
    from daily
    window versions as (
        partition by profile
        order by valid_from
    )

),

spelled as (

    select
        profile,
        valid_from,
        valid_to,
        concat_ws(
            '-', profile, cast(valid_from as string), cast(policy_sum as string)
        ) as policy_version
    from named

)

select * from spelled
