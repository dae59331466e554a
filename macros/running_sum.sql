{# The sum of small doubles over the window so_far, the same in every run: a sum of doubles depends on how the engine adds them up. #}
{% macro running_sum(amount) -%}
    cast(sum(cast({{ amount }} as decimal(38, 24))) over so_far as double)
{%- endmacro %}
