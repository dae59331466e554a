{# Minutes from one timestamp to a later one, seconds cut off each; alike on both engines. #}
{% macro minutes_between(earlier_at, later_at) -%}
    {{ dbt.datediff(earlier_at, later_at, 'day') }} * 1440
    + extract(hour from {{ later_at }}) * 60 + extract(minute from {{ later_at }})
    - extract(hour from {{ earlier_at }}) * 60 - extract(minute from {{ earlier_at }})
{%- endmacro %}
