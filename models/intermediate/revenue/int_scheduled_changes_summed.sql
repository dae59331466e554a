{#
    The book from the run's day on. An item on notice ends with its contract or its notice
    period, if that lies ahead; else where its version ends, or tomorrow.
#}
with

items as (

    select * from {{ ref('int_subscription_items_priced') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

noticed as (

    select
        items.account_id,
        items.currency,
        items.product,
        items.mrr,
        items.paused_mrr,
        items.notice_on,
        clock.as_of_on,
        {{ days_after('items.notice_period_days', 'items.notice_on') }}
            as notice_over_on,
        items.contract_end_on,
        greatest(items.valid_from, clock.as_of_on) as starts_on,
        coalesce(items.valid_to, {{ far_future() }}) as version_ends_on,
        coalesce(items.notice_on <= clock.as_of_on, false) as is_on_notice
    from items
    inner join clock
        on coalesce(items.valid_to, {{ far_future() }}) > clock.as_of_on
    where
        items.mrr > 0
        or items.is_paused

),

ending as (

    select
        *,
        case
            when not is_on_notice then version_ends_on
            when contract_end_on > as_of_on
                then least(contract_end_on, version_ends_on)
            when notice_over_on > as_of_on then least(notice_over_on, version_ends_on)
            when version_ends_on < {{ far_future() }} then version_ends_on
            else {{ days_after(1, 'as_of_on') }}
        end as ends_on
    from noticed

),

both_ends as (

    select
        account_id,
        currency,
        product,
        starts_on as effective_on,
        as_of_on as known_on,
        mrr as mrr_delta_native,
        paused_mrr as paused_delta
    from ending
    where starts_on < ends_on

    union all

    select
        account_id,
        currency,
        product,
        ends_on as effective_on,
        case when is_on_notice then notice_on else as_of_on end as known_on,
        -mrr as mrr_delta_native,
        -paused_mrr as paused_delta
    from ending
    where
        starts_on < ends_on
        and ends_on < {{ far_future() }}

),

product_days as (

    select
        account_id,
        currency,
        effective_on,
        max(known_on) as known_on,
        sum(mrr_delta_native) as mrr_delta_native,
        greatest(-sum(mrr_delta_native) - greatest(sum(paused_delta), 0), 0)
            as unpaused_native
    from both_ends
    group by account_id, currency, product, effective_on

),

summed as (

    select
        account_id,
        currency,
        effective_on,
        max(known_on) as known_on,
        {{ money('sum(mrr_delta_native)') }} as mrr_delta_native,
        {{ money('sum(unpaused_native)') }} as unpaused_native
    from product_days
    group by account_id, currency, effective_on

)

select * from summed
