{# What says which of a customer's bands is its own, as a text whose greatest wins: most MRR, of two with the same the worse; unknown only if there is no other. #}
{% macro band_rank(band, mrr) -%}
    concat_ws(
        '|',
        case when {{ band }} = 'unknown' then '0' else '1' end,
        lpad(cast({{ mrr }} as string), 40, '0'),
        case {{ band }} when 'red' then '3' when 'yellow' then '2' else '1' end
    )
{%- endmacro %}
