{# The type of money that is summed over months, where each may be a whole book's. #}
{% macro money_of_months(expression) -%}
    cast({{ expression }} as decimal(28, 6))
{%- endmacro %}
