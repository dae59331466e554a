{# True where the later day is so soon that a lapse may be, or was, a late renewal. #}
{% macro within_grace(lapsed_on, later_on) -%}
    {{ dbt.datediff(lapsed_on, later_on, 'day') }}
    <= {{ var('late_renewal_grace_days') }}
{%- endmacro %}
