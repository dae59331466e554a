{# Splits each change of a paying account into price, seats, tier and so on, exactly. #}
with

compared as (

    select * from {{ ref('int_mrr_lines_compared') }}

),

shares as (

    select
        *,
        case
            when not is_discount_changed then {{ money('mrr_after - mrr_before') }}
            else cast(
                round(
                    {{ ratio('(gross_after - gross_before) * mrr_before', 'gross_before') }},
                    6
                ) as decimal(18, 6)
            )
        end as gross_part
    from compared
    where is_continuing

),

seats as (

    select
        *,
        case
            when quantity_after = quantity_before then {{ money('0') }}
            when not is_price_changed and not is_plan_changed then gross_part
            else cast(
                round(
                    {{ ratio(
                        '(quantity_after - quantity_before) * cast(mrr_before as double)',
                        'quantity_before'
                    ) }},
                    6
                ) as decimal(18, 6)
            )
        end as seats_part
    from shares

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
