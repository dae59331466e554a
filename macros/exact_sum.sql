{# The sum of doubles, to twelve decimals, whatever the order in which they come: a sum of doubles differs from run to run in its last digits. #}
{% macro exact_sum(amount) -%}
    cast(sum(cast({{ amount }} as decimal(38, 12))) as double)
{%- endmacro %}
