{# What a customer is in a dimension of seeds/reference/segment_dimensions.csv, from columns of those names. #}
{% macro segment_value(dimension) -%}
    case {{ dimension }}
        when 'all' then 'all'
        when 'tier' then tier
        when 'desired_outcome' then desired_outcome
        when 'engagement_model' then engagement_model
        when 'owner' then owner
        when 'country' then country
        when 'segment' then segment
        when 'largest_product' then largest_product
        when 'start_cohort' then start_cohort
    end
{%- endmacro %}
