{# A score that fades to the neutral 50 as its input ages. #}
{% macro faded(score, freshness_days, expires_after_days) -%}
    50 + ({{ score }} - 50)
    * (1 - cast({{ freshness_days }} as double) / {{ expires_after_days }})
{%- endmacro %}
