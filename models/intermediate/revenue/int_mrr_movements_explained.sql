{# Splits each change of a paying account into price, seats, tier and so on, exactly. #}
with

compared as (

    select * from {{ ref('int_mrr_lines_compared') }}

),

counted as (

    select
        *,
        {{ whole_parts('mrr_before', 6) }} as mrr_parts,
        {{ whole_parts('gross_before', 6) }} as gross_parts,
        {{ whole_parts('gross_after - gross_before', 6) }} as gross_change,
        {{ whole_parts('quantity_before', 2) }} as quantity_parts,
        {{ whole_parts('quantity_after - quantity_before', 2) }} as quantity_change
    from compared
    where is_continuing

),

shared as (

    select
        *,
        case when gross_change < 0 then -0.000001 else 0.000001 end
        * {{ integer_divide(
            '2 * mrr_parts * abs(gross_change) + gross_parts',
            '2 * nullif(gross_parts, 0)'
        ) }} as gross_share,
        case when quantity_change < 0 then -0.000001 else 0.000001 end
        * {{ integer_divide(
            '2 * mrr_parts * abs(quantity_change) + quantity_parts',
            '2 * nullif(quantity_parts, 0)'
        ) }} as quantity_share
    from counted

),

grosses as (

    select
        *,
        case
            when not is_discount_changed then {{ money('mrr_after - mrr_before') }}
            else {{ money('gross_share') }}
        end as gross_part
    from shared

),

seats as (

    select
        *,
        case
            when quantity_change = 0 then {{ money('0') }}
            when not is_price_changed and not is_plan_changed then gross_part
            else {{ money('quantity_share') }}
        end as seats_part
    from grosses

),

parts as (

    select
        account_id,
        effective_on,
        currency,
        'seats' as sub_reason,
        seats_part as mrr_delta_native
    from seats

    union all

    select
        account_id,
        effective_on,
        currency,
        case when is_plan_changed then 'tier' else 'price' end as sub_reason,
        gross_part - seats_part as mrr_delta_native
    from seats

    union all

    select
        account_id,
        effective_on,
        currency,
        case
            when mrr_after - mrr_before - gross_part < 0 then 'discount_added'
            else 'discount_expired'
        end as sub_reason,
        mrr_after - mrr_before - gross_part as mrr_delta_native
    from seats

    union all

    select
        account_id,
        effective_on,
        currency,
        case
            when is_paused_after and mrr_after = 0 then 'paused'
            when is_paused_before and mrr_before = 0 then 'resumed'
            when has_product_arrival and has_product_departure then 'currency_swap'
            when has_arrival and has_departure then 'tier'
            else 'cross_sell'
        end as sub_reason,
        mrr_after - mrr_before as mrr_delta_native
    from compared
    where not is_continuing

),

explained as (

    select
        account_id,
        effective_on,
        currency,
        sub_reason,
        {{ money('sum(mrr_delta_native)') }} as mrr_delta_native
    from parts
    group by account_id, effective_on, currency, sub_reason

)

select * from explained
