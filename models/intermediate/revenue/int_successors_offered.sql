{# Which line that began near a settlement could renew what did not go on there. #}
with

items as (

    select * from {{ ref('int_renewal_items_valued') }}

),

settled as (

    select * from {{ ref('int_renewals_settled') }}

),

changes as (

    select * from {{ ref('int_mrr_line_changes_summed') }}

),

-- Of an open contract, only what is told to cease is known to need a successor.
due as (

    select
        account_id,
        settles_on,
        is_open,
        min(line_started_on) as due_since_on,
        sum(case when is_open and stops_on > settles_on then 0 else amount end)
            as due_amount
    from items
    where due_contract_end_on is not null and is_before
    group by account_id, settles_on, is_open

),

won as (

    select
        account_id,
        settles_on,
        sum(won_amount) as won_amount
    from settled
    group by account_id, settles_on

),

lacking as (

    select
        due.account_id,
        due.settles_on,
        due.is_open,
        due.due_since_on,
        cast(due.due_amount - won.won_amount as decimal(26, 14)) as lacking_amount
    from due
    inner join won
        on
            due.account_id = won.account_id
            and due.settles_on = won.settles_on
            and due.due_amount > won.won_amount

),

-- What a line brought on its first day, so far as nothing else of the account fell.
arrivals as (

    select
        account_id,
        currency,
        subscription_id,
        product,
        effective_on,
        least(
            mrr_delta,
            sum(mrr_delta) over (partition by account_id, currency, effective_on)
            + mrr_delta
            - sum(greatest(mrr_delta, 0)) over (
                partition by account_id, currency, effective_on
                order by -mrr_delta, product, subscription_id
                rows between unbounded preceding and current row
            )
        ) as arrived_native
    from changes

),

lines as (

    select
        account_id,
        settles_on,
        currency,
        subscription_id,
        product,
        line_started_on as started_on,
        max(told_end_on) as told_end_on,
        bool_or(is_due_product) as is_due_product,
        bool_or(is_paying_after) as is_paying_after,
        max(rate) as rate,
        sum(case when is_before or valid_from > settles_on then mrr else 0 end)
            as before_native,
        sum(case when stops_on > settles_on then mrr else 0 end) as after_native
    from items
    where
        due_contract_end_on is null
        and (valid_from <= settles_on or valid_from = line_started_on)
    group by
        account_id, settles_on, currency, subscription_id, product, line_started_on

),

offered as (

    select
        lines.account_id,
        lines.settles_on,
        lines.currency,
        lines.subscription_id,
        lines.product,
        lines.started_on,
        lines.told_end_on,
        lines.is_due_product,
        lacking.is_open,
        lacking.lacking_amount,
        lines.rate,
        least(lines.before_native, lines.after_native, arrivals.arrived_native)
            as offered_native
    from lines
    inner join lacking
        on
            lines.account_id = lacking.account_id
            and lines.settles_on = lacking.settles_on
    inner join arrivals
        on
            lines.account_id = arrivals.account_id
            and lines.currency = arrivals.currency
            and lines.subscription_id = arrivals.subscription_id
            and lines.product = arrivals.product
            and lines.started_on = arrivals.effective_on
    where
        least(lines.before_native, lines.after_native, arrivals.arrived_native) > 0
        and case
            when lines.started_on > lines.settles_on
                then lines.is_due_product or not lines.is_paying_after
            else
                lines.started_on > lacking.due_since_on
                and lines.started_on < lines.settles_on
                and lines.started_on >= {{ days_after(
                    -var('early_renewal_days'), 'lines.settles_on'
                ) }}
                and coalesce(
                    lines.told_end_on >= lines.settles_on, lines.is_due_product
                )
        end

)

select * from offered
