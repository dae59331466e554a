{# Which line that began before a settlement could renew what did not go on there. #}
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
        sum(amount) as due_amount,
        sum(case when is_open and stops_on > settles_on then amount else 0 end)
            as untold_amount
    from items
    where due_contract_end_on is not null and is_before
    group by account_id, settles_on, is_open

),

won as (

    select
        account_id,
        settles_on,
        sum(kin_amount) as kin_amount,
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
        cast(due.untold_amount + won.kin_amount as decimal(26, 14)) as staying_amount,
        cast(
            due.due_amount - due.untold_amount - won.kin_amount as decimal(26, 14)
        ) as lacking_amount,
        cast(won.won_amount - won.kin_amount as decimal(26, 14)) as unrelated_amount
    from due
    inner join won
        on
            due.account_id = won.account_id
            and due.settles_on = won.settles_on
            and due.due_amount > due.untold_amount + won.kin_amount

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
        max(rate) as rate,
        sum(case when is_before then mrr else 0 end) as before_native,
        sum(case when stops_on > settles_on then mrr else 0 end) as after_native
    from items
    where
        due_contract_end_on is null
        and valid_from <= settles_on
        and line_started_on < settles_on
    group by
        account_id, settles_on, currency, subscription_id, product, line_started_on

),

arrived as (

    select
        lines.account_id,
        lines.settles_on,
        lines.currency,
        lines.subscription_id,
        lines.product,
        lines.started_on,
        sum(changes.arrived_native) as arrived_native
    from lines
    inner join changes
        on
            lines.account_id = changes.account_id
            and lines.currency = changes.currency
            and lines.subscription_id = changes.subscription_id
            and lines.product = changes.product
            and lines.started_on <= changes.effective_on
            and lines.settles_on > changes.effective_on
    group by
        lines.account_id,
        lines.settles_on,
        lines.currency,
        lines.subscription_id,
        lines.product,
        lines.started_on

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
        lacking.staying_amount,
        lacking.lacking_amount,
        lacking.unrelated_amount,
        lines.rate,
        least(lines.before_native, lines.after_native, arrived.arrived_native)
            as offered_native
    from lines
    inner join lacking
        on
            lines.account_id = lacking.account_id
            and lines.settles_on = lacking.settles_on
            and lines.started_on > lacking.due_since_on
            and lines.started_on >= {{ days_after(
                -var('early_renewal_days'), 'lacking.settles_on'
            ) }}
            and coalesce(
                lines.told_end_on >= lacking.settles_on, lines.is_due_product
            )
    inner join arrived
        on
            lines.account_id = arrived.account_id
            and lines.settles_on = arrived.settles_on
            and lines.currency = arrived.currency
            and lines.subscription_id = arrived.subscription_id
            and lines.product = arrived.product
            and lines.started_on = arrived.started_on
    where least(lines.before_native, lines.after_native, arrived.arrived_native) > 0

),

-- Settlements call by their order: first the lines of their products, then the others.
numbered as (

    select
        *,
        dense_rank() over (
            partition by account_id
            order by started_on, currency, subscription_id, product
        ) as line_number,
        dense_rank() over (
            partition by account_id
            order by case when is_due_product then 1 else 2 end, settles_on
        ) as turn
    from offered

)

select * from numbered
