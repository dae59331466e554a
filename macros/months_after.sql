{# The day that lies so many months after another, at most its month's last; a date. #}
{% macro months_after(months, day) -%}
    cast({{ dbt.dateadd('month', months, day) }} as date)
{%- endmacro %}
