-- A returned row is a segment's month that does not open with whom the last one closed.
with

months as (

    select
        *,
        {{ month_index('segment_month') }} as month_number
    from {{ ref('fct_segment_months') }}

)

select
    months.segment_dimension,
    months.segment_value,
    months.segment_month,
    months.opening_count,
    earlier.closing_count
from months
left join months as earlier
    on
        months.segment_dimension = earlier.segment_dimension
        and months.segment_value = earlier.segment_value
        and months.month_number = earlier.month_number + 1
where months.opening_count <> coalesce(earlier.closing_count, 0)
