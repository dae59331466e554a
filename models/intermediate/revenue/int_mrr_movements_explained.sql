{# Splits each change of a paying account into price, seats, tier and so on, exactly. #}
with

compared as (

    select * from {{ ref('int_mrr_lines_compared') }}

),

grosses as (

    select
        *,
        case
            when is_discount_changed
                then {{ share_of(
                    'mrr_before', 'gross_after - gross_before', 'gross_before', 6
                ) }}
            else {{ money('mrr_after - mrr_before') }}
        end as gross_part
    from compared
    where is_continuing

),

seats as (

    select
        *,
        case
            when quantity_after = quantity_before then {{ money('0') }}
            when is_price_changed or is_plan_changed
                then {{ share_of(
                    'mrr_before', 'quantity_after - quantity_before',
                    'quantity_before', 2
                ) }}
            else gross_part
        end as seats_part
    from grosses

),

-- What came or went, beside whatever else did so on that day.
exchanged as (

    select
        *,
        bool_or(mrr_after > 0) over account_day as has_arrival,
        bool_or(mrr_before > 0) over account_day as has_departure,
        bool_or(mrr_after > 0) over product_day as has_product_arrival,
        bool_or(mrr_before > 0) over product_day as has_product_departure
    from compared
    where not is_continuing
    window
        account_day as (partition by account_id, effective_on),
        product_day as (partition by account_id, effective_on, product)

),

parts as (

    select
        account_id,
        effective_on,
        currency,
        case when seats_after = seats_before then 'units' else 'seats' end
            as sub_reason,
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
        'paused' as sub_reason,
        -paused_part as mrr_delta_native
    from exchanged

    union all

    select
        account_id,
        effective_on,
        currency,
        'resumed' as sub_reason,
        resumed_part as mrr_delta_native
    from exchanged

    union all

    select
        account_id,
        effective_on,
        currency,
        case
            when resumed_part > 0 then 'price'
            when has_product_arrival and has_product_departure then 'currency_swap'
            when has_arrival and has_departure then 'tier'
            else 'cross_sell'
        end as sub_reason,
        mrr_after - mrr_before + paused_part - resumed_part as mrr_delta_native
    from exchanged

),

explained as (

    select
        account_id,
        effective_on,
        currency,
        sub_reason,
        {{ money('sum(mrr_delta_native)') }} as mrr_delta_native
    from parts
    where mrr_delta_native <> 0
    group by account_id, effective_on, currency, sub_reason

)

select * from explained
