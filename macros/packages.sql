{# What a quantity counts as under its price: units, or the packages they fill. #}
{% macro packages(quantity, package_size, package_rounding) -%}
    case
        when {{ package_size }} > 1 and {{ package_rounding }} = 'down'
            then floor({{ quantity }} / nullif({{ package_size }}, 0))
        when {{ package_size }} > 1
            then ceil({{ quantity }} / nullif({{ package_size }}, 0))
        else {{ quantity }}
    end
{%- endmacro %}
