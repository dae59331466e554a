{# A measure's score on the piece of its curve that was joined; null where there is none. #}
{% macro on_curve(value, piece) -%}
    {{ piece }}.score_from + {{ piece }}.slope * ({{ value }} - {{ piece }}.anchor_value)
{%- endmacro %}
