{# Whole months since year 0: the one month arithmetic that both engines agree on. #}
{% macro month_index(day) -%}
    (extract(year from {{ day }}) * 12 + extract(month from {{ day }}))
{%- endmacro %}
