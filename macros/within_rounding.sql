{# A double that only rounding can put beside its range, put back on its edge. What lies further beside is left, for a test to see. #}
{% macro within_rounding(amount, low, high) -%}
    case
        when {{ nearly_between(amount, low, high) }}
            then least(greatest({{ amount }}, {{ low }}), {{ high }})
        else {{ amount }}
    end
{%- endmacro %}
