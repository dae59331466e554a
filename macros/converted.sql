{# A native amount at an exchange rate, rounded once, half away from zero. The inner types let both engines multiply exactly. #}
{% macro converted(amount, rate) -%}
    cast(
        cast({{ amount }} as decimal(24, 6)) * cast({{ rate }} as decimal(13, 8))
        as decimal(18, 6)
    )
{%- endmacro %}
