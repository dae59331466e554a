{# An amount in the smallest unit of its currency (cents) as money: some currencies have no cents, some have mills. #}
{% macro minor_units(amount, currency) -%}
    cast(
        {{ amount }} * case
            when lower({{ currency }}) in (
                'bif', 'clp', 'djf', 'gnf', 'jpy', 'kmf', 'krw', 'mga',
                'pyg', 'rwf', 'ugx', 'vnd', 'vuv', 'xaf', 'xof', 'xpf'
            ) then 1.000
            when lower({{ currency }}) in ('bhd', 'jod', 'kwd', 'omr', 'tnd') then 0.001
            else 0.010
        end as decimal(18, 6)
    )
{%- endmacro %}
