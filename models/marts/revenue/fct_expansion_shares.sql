with

mrr_months as (

    select * from {{ ref('fct_mrr_months') }}

),

windows as (

    select * from {{ ref('retention_windows') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

numbered as (

    select
        mrr_months.*,
        months.month_number,
        months.is_complete
    from mrr_months
    inner join months
        on mrr_months.mrr_month = months.mrr_month

),

book as (

    select min(month_number) as first_month_number
    from numbered

),

closed as (

    select *
    from numbered
    where is_complete

),

summed as (

    select
        closed.mrr_month,
        windows.window_months,
        closed.segment_dimension,
        closed.segment_value,
        closed.closing_mrr,
        sum(numbered.new_mrr) as new_mrr,
        sum(numbered.expansion_mrr) as expansion_mrr
    from closed
    cross join windows
    inner join book
        on closed.month_number - windows.window_months + 1 >= book.first_month_number
    inner join numbered
        on
            closed.segment_dimension = numbered.segment_dimension
            and closed.segment_value = numbered.segment_value
            and closed.month_number >= numbered.month_number
            and closed.month_number - windows.window_months < numbered.month_number
    group by
        closed.mrr_month,
        windows.window_months,
        closed.segment_dimension,
        closed.segment_value,
        closed.closing_mrr

),

contracted as (

    select
        cast(mrr_month as date) as mrr_month,
        cast(window_months as bigint) as window_months,
        cast(segment_dimension as string) as segment_dimension,
        cast(segment_value as string) as segment_value,
        {{ money('expansion_mrr') }} as expansion_mrr,
        {{ money('new_mrr') }} as new_mrr,
        {{ money('closing_mrr') }} as closing_mrr,
        {{ ratio('expansion_mrr', 'closing_mrr') }}
            as expansion_of_recurring_revenue_rate,
        {{ ratio('expansion_mrr', 'expansion_mrr + new_mrr') }}
            as expansion_of_new_recurring_revenue_rate
    from summed

)

select * from contracted
