{# The total of one kind of amount, where each amount is a row that names its kind. #}
{% macro total_of(kind, measure='amount') -%}
    sum(case when amount_kind = '{{ kind }}' then {{ measure }} else 0 end)
{%- endmacro %}
