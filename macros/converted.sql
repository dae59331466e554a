{# A native amount at an exchange rate, rounded once, half away from zero. The inner types let both engines multiply exactly; at rate 1 there is nothing to multiply. #}
{% macro converted(amount, rate) -%}
    case
        when {{ rate }} = 1 then cast({{ amount }} as decimal(18, 6))
        else cast(
            cast({{ amount }} as decimal(24, 6)) * cast({{ rate }} as decimal(13, 8))
            as decimal(18, 6)
        )
    end
{%- endmacro %}
