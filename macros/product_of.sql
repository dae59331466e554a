{# The product of a group's rates, 0 where one of them is 0. Logarithms, because Spark has no product in SQL. #}
{% macro product_of(rate) -%}
    case
        when min({{ rate }}) = 0 then cast(0 as double)
        else exp(sum(ln(nullif({{ rate }}, 0))))
    end
{%- endmacro %}
