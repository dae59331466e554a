{# The item of an array at a place, the first at 0. #}
{% macro item_at(items, place) -%}
    {{ return(adapter.dispatch('item_at')(items, place)) }}
{%- endmacro %}

{% macro default__item_at(items, place) -%}
    {{ items }}[{{ place }} + 1]
{%- endmacro %}

{% macro spark__item_at(items, place) -%}
    get({{ items }}, cast({{ place }} as int))
{%- endmacro %}
