with

feature_days as (

    select * from {{ ref('int_feature_days_rolled_up') }}

),

days as (

    select
        account_id,
        known_on
    from feature_days
    group by account_id, known_on

),

followed as (

    select
        account_id,
        known_on,
        lead(known_on) over (
            partition by account_id
            order by known_on
        ) as next_known_on
    from days

),

begun as (

    select
        account_id,
        min(known_on) as begun_on
    from followed
    where next_known_on <= {{ days_after(var('usage_window_days'), 'known_on') }}
    group by account_id

)

select * from begun
