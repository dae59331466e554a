{# A confidence limit of a rate within 0 and 1, by the delta method on log(-log(rate)): the lower with direction '+', the upper with '-'. None at 0 and 1, where it is not defined. #}
{% macro log_log_limit(rate, error, direction) -%}
    case
        when {{ rate }} > 1e-12 and {{ rate }} < 1 - 1e-12
            then power({{ rate }}, exp(
                {{ direction }}{{ var('interval_normal_quantile') }} * {{ error }}
                / ({{ rate }} * abs(ln({{ rate }})))
            ))
    end
{%- endmacro %}
