{# The product of a group's rates, 0 where one of them is 0. Logarithms, because Spark has no product in SQL; summed as decimals, because sums of doubles depend on their order. #}
{% macro product_of(rate) -%}
    case
        when min({{ rate }}) = 0 then cast(0 as double)
        else exp(cast(sum(cast(ln(nullif({{ rate }}, 0)) as decimal(30, 18))) as double))
    end
{%- endmacro %}
