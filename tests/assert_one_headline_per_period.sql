-- A returned row is a period end without exactly one headline row.
select
    period_end_on,
    count_if(is_headline) as headline_count
from {{ ref('fct_retention') }}
where window_months = {{ var('headline_window_months') }}
group by period_end_on
having count_if(is_headline) <> 1
