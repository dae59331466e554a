{# A decimal as a whole number of its last decimals (1.25 with 2 is 125), for exact sums. #}
{% macro whole_parts(amount, decimals) -%}
    cast(
        cast({{ amount }} as decimal(28, {{ decimals }})) * {{ 10 ** decimals }}
        as decimal(38, 0)
    )
{%- endmacro %}
