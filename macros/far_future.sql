{# The day that stands for "open" where intervals are compared. Never published. #}
{% macro far_future() -%}
    cast('9999-12-31' as date)
{%- endmacro %}
