{# The product of a group's rates, 0 where one of them is 0; with a window (`over so_far`), of its rows. Logarithms, because Spark has no product in SQL; summed as decimals, because sums of doubles depend on their order. #}
{% macro product_of(rate, over='') -%}
    case
        when min({{ rate }}) {{ over }} = 0 then cast(0 as double)
        else exp(cast(
            sum(cast(ln(nullif({{ rate }}, 0)) as decimal(30, 18))) {{ over }} as double
        ))
    end
{%- endmacro %}
