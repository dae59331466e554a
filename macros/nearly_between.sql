{# True where a double lies between two others, but for rounding. #}
{% macro nearly_between(amount, low, high) -%}
    ({{ amount }}) between ({{ low }}) - {{ var('double_tolerance') }}
    and ({{ high }}) + {{ var('double_tolerance') }}
{%- endmacro %}
