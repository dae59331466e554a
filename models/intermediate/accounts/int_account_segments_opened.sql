{#
    A month belongs to what holds at the end of the day before its first, the first paid
    month to what holds on the first paid day. Changes within a month wait for the next.
#}
with

segments as (

    select * from {{ ref('int_account_segments_described') }}

),

account_days as (

    select * from {{ ref('int_account_days_netted') }}

),

first_days as (

    select
        account_id,
        min(effective_on) as first_paid_on
    from account_days
    where is_paying_after
    group by account_id

),

paid as (

    select
        segments.*,
        case
            when segments.valid_from <= first_days.first_paid_on
                then {{ month_index('first_days.first_paid_on') }}
            else {{ month_index('segments.valid_from') }} + 1
        end as from_month_number,
        {{ month_index('segments.valid_to') }} + 1 as to_month_number
    from segments
    inner join first_days
        on
            segments.account_id = first_days.account_id
            and first_days.first_paid_on < coalesce(
                segments.valid_to, {{ far_future() }}
            )

),

opened as (

    select
        account_id,
        cast(from_month_number as bigint) as from_month_number,
        cast(to_month_number as bigint) as to_month_number,
        ultimate_parent_id,
        tier,
        desired_outcome,
        engagement_model,
        owner,
        country,
        largest_product,
        start_cohort
    from paid
    where
        from_month_number < to_month_number
        or to_month_number is null

)

select * from opened
