{# The day that stands for "since ever". #}
{% macro the_beginning() -%}
    cast('1900-01-01' as date)
{%- endmacro %}
