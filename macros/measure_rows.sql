{# A measure that is a column of wide rows, as rows of its own; a missing one has none. #}
{% macro measure_rows(wide_rows, measure, freshness_days) -%}
    select
        account_id,
        health_on,
        '{{ measure }}' as measure,
        cast({{ measure }} as double) as input_value,
        {{ freshness_days }} as freshness_days
    from {{ wide_rows }}
    where {{ measure }} is not null
{%- endmacro %}
