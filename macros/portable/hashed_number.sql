{# A whole number below 2^32 that changes with the text; sums of it ignore row order. #}
{% macro hashed_number(text) -%}
    {{ return(adapter.dispatch('hashed_number')(text)) }}
{%- endmacro %}

{% macro default__hashed_number(text) -%}
    cast(concat('0x', substr(md5({{ text }}), 1, 8)) as bigint)
{%- endmacro %}

{% macro spark__hashed_number(text) -%}
    cast(conv(substr(md5({{ text }}), 1, 8), 16, 10) as bigint)
{%- endmacro %}
