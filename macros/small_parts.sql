{# As whole_parts, in bigint and faster; exact where the result is below 10^15, which a double still counts one by one. #}
{% macro small_parts(amount, decimals) -%}
    cast(round(cast({{ amount }} as double) * {{ 10 ** decimals }}) as bigint)
{%- endmacro %}
