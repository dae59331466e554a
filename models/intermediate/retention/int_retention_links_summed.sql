with

links as (

    select * from {{ ref('int_retention_links_measured') }}

),

entities as (

    select * from {{ ref('int_retention_entities_grouped') }}

),

segment_dimensions as (

    select * from {{ ref('segment_dimensions') }}

),

segmented as (

    select
        links.*,
        least(links.opening_mrr, links.closing_mrr) as kept_mrr,
        case when links.closing_mrr > 0 then 1 else 0 end as retained_count,
        segment_dimensions.segment_dimension,
        {{ segment_value('segment_dimensions.segment_dimension') }} as segment_value
    from links
    cross join segment_dimensions
    inner join entities
        on
            links.link_number = entities.period_number
            and links.grain = entities.grain
            and links.entity_id = entities.entity_id
            and entities.window_months = 1
    where segment_dimensions.is_cut_in_retention

),

summed as (

    select
        link_number,
        rate_month_number,
        grain,
        segment_dimension,
        segment_value,
        {{ ratio('sum(closing_mrr)', 'sum(opening_mrr)') }} as nrr_rate,
        {{ ratio('sum(kept_mrr)', 'sum(opening_mrr)') }} as grr_rate,
        {{ ratio('sum(retained_count)', 'count(*)') }} as logo_retention_rate
    from segmented
    group by
        link_number,
        rate_month_number,
        grain,
        segment_dimension,
        segment_value

)

select * from summed
