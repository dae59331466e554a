with

account_parts as (

    select * from {{ ref('int_renewal_months_unioned') }}

),

segments as (

    select * from {{ ref('int_account_segments_opened') }}

),

segment_dimensions as (

    select * from {{ ref('segment_dimensions') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

dimensions as (

    select segment_dimension
    from segment_dimensions
    where segment_dimension not in ('currency', 'parent')

    union all

    select 'multi_year' as segment_dimension

),

placed as (

    select
        account_parts.*,
        dimensions.segment_dimension,
        case
            when dimensions.segment_dimension = 'multi_year'
                then account_parts.term_kind
            else {{ segment_value('dimensions.segment_dimension') }}
        end as segment_value
    from account_parts
    cross join dimensions
    inner join segments
        on
            account_parts.account_id = segments.account_id
            and account_parts.month_number >= segments.from_month_number
            and account_parts.month_number < coalesce(
                segments.to_month_number, account_parts.month_number + 1
            )

),

rated as (

    select
        cast(dates.calendar_month as date) as due_month,
        cast(placed.segment_dimension as string) as segment_dimension,
        cast(placed.segment_value as string) as segment_value,

        {{ money('sum(placed.available_mrr)') }} as due_mrr,
        {{ money('sum(placed.won_mrr)') }} as won_mrr,
        {{ money('sum(placed.late_mrr)') }} as late_mrr,
        {{ money('sum(placed.lost_mrr)') }} as lost_mrr,
        {{ money('sum(placed.open_mrr)') }} as open_mrr,
        {{ money('sum(placed.uplift_mrr)') }} as uplift_mrr,
        {{ ratio(
            'sum(placed.won_mrr + placed.late_mrr)',
            'sum(placed.available_mrr - placed.open_mrr)'
        ) }} as renewal_rate,
        {{ money("
            case
                when placed.segment_dimension <> 'multi_year'
                    then sum(placed.opening_mrr)
            end
        ") }} as opening_mrr,
        {{ money("
            case
                when placed.segment_dimension <> 'multi_year'
                    then sum(placed.not_due_mrr)
            end
        ") }} as not_due_mrr,
        cast(sum(placed.due_count) as bigint) as due_count,
        cast(sum(placed.renewed_count) as bigint) as renewed_count,
        cast(sum(placed.partly_won_count) as bigint) as partly_won_count,
        cast(sum(placed.lost_count) as bigint) as lost_count,
        cast(sum(placed.open_count) as bigint) as open_count,
        coalesce(
            {{ days_after(
                var('late_renewal_grace_days') + 1, 'dates.month_ends_on'
            ) }} <= clock.final_as_of_on,
            false
        ) as is_final
    from placed
    cross join clock
    inner join dates
        on
            placed.month_number = dates.month_number
            and dates.is_month_end
    where dates.calendar_month <= clock.as_of_month
    group by
        dates.calendar_month,
        dates.month_ends_on,
        placed.segment_dimension,
        placed.segment_value,
        clock.final_as_of_on
    having sum(placed.due_count) > 0

)

select * from rated
