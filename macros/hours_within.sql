{# Hours within which so many tenths were done, off rows that name minutes (<kind>_minutes) and how many there are so far (<kind>_so_far). #}
{% macro hours_within(kind, tenths, of_all) -%}
    cast(
        min(
            case
                when 10 * {{ kind }}_so_far >= {{ tenths }} * {{ of_all }}
                    then {{ kind }}_minutes
            end
        ) as double
    ) / 60
{%- endmacro %}
