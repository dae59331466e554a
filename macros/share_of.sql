{# The part of an amount that a change bears to its whole, in whole millionths, half away from zero: multiplied first. #}
{% macro share_of(amount, change, whole, decimals) -%}
    cast(
        case when {{ change }} < 0 then -0.000001 else 0.000001 end
        * {{ integer_divide(
            '2 * ' ~ whole_parts(amount, 6)
            ~ ' * abs(' ~ whole_parts(change, decimals) ~ ') + '
            ~ whole_parts(whole, decimals),
            '2 * nullif(' ~ whole_parts(whole, decimals) ~ ', 0)'
        ) }} as decimal(18, 6)
    )
{%- endmacro %}
