{# A native amount at an exchange rate, rounded once, half away from zero. #}
{% macro converted(amount, rate) -%}
    cast({{ amount }} * {{ rate }} as decimal(18, 6))
{%- endmacro %}
