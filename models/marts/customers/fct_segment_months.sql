{# Closings are read from intervals and changes from moves: the law compares the two. #}
with

paid as (

    select * from {{ ref('int_account_segments_paid') }}

),

moves as (

    select * from {{ ref('fct_segment_moves') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

closings as (

    select
        months.month_number,
        paid.segment_dimension,
        paid.segment_value,
        count(*) as account_count
    from paid
    inner join months
        on
            paid.valid_from <= months.closing_on
            and coalesce(paid.valid_to, {{ far_future() }}) > months.closing_on
    group by months.month_number, paid.segment_dimension, paid.segment_value

),

amounts as (

    select
        month_number,
        segment_dimension,
        segment_value,
        'closing' as amount_kind,
        account_count,
        {{ money('0') }} as mrr
    from closings

    union all

    select
        month_number + 1 as month_number,
        segment_dimension,
        segment_value,
        'opening' as amount_kind,
        account_count,
        {{ money('0') }} as mrr
    from closings

    union all

    select
        {{ month_index('moved_on') }} as month_number,
        segment_dimension,
        to_segment as segment_value,
        case when move_kind = 'moved' then 'moved_in' else move_kind end
            as amount_kind,
        1 as account_count,
        mrr
    from moves
    where to_segment is not null

    union all

    select
        {{ month_index('moved_on') }} as month_number,
        segment_dimension,
        from_segment as segment_value,
        case when move_kind = 'moved' then 'moved_out' else move_kind end
            as amount_kind,
        1 as account_count,
        mrr
    from moves
    where from_segment is not null

),

contracted as (

    select
        cast(months.mrr_month as date) as segment_month,
        cast(amounts.segment_dimension as string) as segment_dimension,
        cast(amounts.segment_value as string) as segment_value,

        cast({{ total_of('opening', 'account_count') }} as bigint) as opening_count,
        cast({{ total_of('started', 'account_count') }} as bigint) as started_count,
        cast({{ total_of('returned', 'account_count') }} as bigint) as returned_count,
        cast({{ total_of('moved_in', 'account_count') }} as bigint) as moved_in_count,
        cast({{ total_of('moved_out', 'account_count') }} as bigint)
            as moved_out_count,
        cast({{ total_of('stopped', 'account_count') }} as bigint) as stopped_count,
        cast({{ total_of('closing', 'account_count') }} as bigint) as closing_count,
        {{ money(total_of('moved_in', 'mrr')) }} as moved_in_mrr,
        {{ money(total_of('moved_out', 'mrr')) }} as moved_out_mrr
    from amounts
    inner join months
        on amounts.month_number = months.month_number
    group by months.mrr_month, amounts.segment_dimension, amounts.segment_value

)

select * from contracted
