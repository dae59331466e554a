{# A score that fades to the neutral 50 as its input ages, and is missing after that. #}
{% macro decayed(score, freshness_days, expires_after_days) -%}
    case
        when {{ freshness_days }} <= {{ expires_after_days }}
            then 50 + ({{ score }} - 50)
            * (1 - cast({{ freshness_days }} as double) / {{ expires_after_days }})
    end
{%- endmacro %}
