{#
    A month belongs to what holds at the end of the day before its first, the first paid
    month to what holds on the first paid day. Changes within a month wait for the next.
#}
with

segments as (

    select * from {{ ref('int_account_segments_described') }}

),

paid as (

    select
        *,
        case
            when valid_from <= first_paid_on
                then {{ month_index('first_paid_on') }}
            else {{ month_index('valid_from') }} + 1
        end as from_month_number,
        {{ month_index('valid_to') }} + 1 as to_month_number
    from segments
    where first_paid_on < coalesce(valid_to, {{ far_future() }})

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
        segment,
        largest_product,
        start_cohort
    from paid
    where
        from_month_number < to_month_number
        or to_month_number is null

)

select * from opened
