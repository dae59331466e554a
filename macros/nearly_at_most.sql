{# True where a double is at most another, but for rounding. #}
{% macro nearly_at_most(lesser, greater) -%}
    ({{ lesser }})
    <= ({{ greater }}) + {{ var('double_tolerance') }} * greatest(1, abs({{ greater }}))
{%- endmacro %}
