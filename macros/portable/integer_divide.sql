{# The whole part of numerator / denominator, both whole and not negative, exactly. Name bigint where both surely fit: DuckDB is then many times faster. #}
{% macro integer_divide(numerator, denominator, kind='hugeint') -%}
    {{ return(adapter.dispatch('integer_divide')(numerator, denominator, kind)) }}
{%- endmacro %}

{% macro default__integer_divide(numerator, denominator, kind) -%}
    cast(
        cast({{ numerator }} as {{ kind }}) // cast({{ denominator }} as {{ kind }})
        as decimal(38, 0)
    )
{%- endmacro %}

{% macro spark__integer_divide(numerator, denominator, kind) -%}
    cast(({{ numerator }}) div ({{ denominator }}) as decimal(38, 0))
{%- endmacro %}
