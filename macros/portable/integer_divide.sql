{# The whole part of numerator / denominator, both whole and not negative, exactly. #}
{% macro integer_divide(numerator, denominator) -%}
    {{ return(adapter.dispatch('integer_divide')(numerator, denominator)) }}
{%- endmacro %}

{% macro default__integer_divide(numerator, denominator) -%}
    cast(
        cast({{ numerator }} as hugeint) // cast({{ denominator }} as hugeint)
        as decimal(38, 0)
    )
{%- endmacro %}

{% macro spark__integer_divide(numerator, denominator) -%}
    cast(({{ numerator }}) div ({{ denominator }}) as decimal(38, 0))
{%- endmacro %}
