{# The day that lies so many days after another; a date on both engines. #}
{% macro days_after(days, day) -%}
    cast({{ dbt.dateadd('day', days, day) }} as date)
{%- endmacro %}
