{# The product of a window's months; null where a month in between had nobody. #}
with

links as (

    select * from {{ ref('int_retention_links_summed') }}

),

windows as (

    select * from {{ ref('retention_windows') }}

),

chained as (

    select
        links.rate_month_number + windows.window_months as period_number,
        windows.window_months,
        links.grain,
        links.segment_dimension,
        links.segment_value,
        count(*) = windows.window_months as is_unbroken,
        {{ product_of('links.nrr_rate') }} as nrr_rate,
        {{ product_of('links.grr_rate') }} as grr_rate,
        {{ product_of('links.logo_retention_rate') }} as logo_retention_rate
    from links
    inner join windows
        on links.link_number <= links.rate_month_number + windows.window_months
    group by
        links.rate_month_number,
        windows.window_months,
        links.grain,
        links.segment_dimension,
        links.segment_value

),

multiplied as (

    select
        period_number,
        window_months,
        grain,
        segment_dimension,
        segment_value,
        -- Nothing is left after a month that lost everybody, whatever came later.
        case when is_unbroken or nrr_rate = 0 then nrr_rate end as nrr_rate,
        case when is_unbroken or grr_rate = 0 then grr_rate end as grr_rate,
        case
            when is_unbroken or logo_retention_rate = 0 then logo_retention_rate
        end as logo_retention_rate
    from chained

)

select * from multiplied
