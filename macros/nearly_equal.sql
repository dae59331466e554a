{# True where two doubles are the same but for rounding. How a data test compares doubles; decimals are compared exactly. #}
{% macro nearly_equal(one, other) -%}
    abs(({{ one }}) - ({{ other }}))
    <= {{ var('double_tolerance') }} * greatest(1, abs({{ one }}), abs({{ other }}))
{%- endmacro %}
