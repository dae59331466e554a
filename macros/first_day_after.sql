{# The first day after an interval of the files, by what their ends mean: the last day where the var valid_to_is_inclusive says so. #}
{% macro first_day_after(told_end) -%}
    case
        when {{ var('valid_to_is_inclusive') | lower }}
            then {{ days_after(1, told_end) }}
        else cast({{ told_end }} as date)
    end
{%- endmacro %}
