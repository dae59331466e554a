{# Each settlement in its turn takes what its successors have left, so that no money
   renews twice: first of its own products, nearest end first, then of the others. #}
with recursive

offered as (

    select * from {{ ref('int_successors_offered') }}

),

-- One settlement and one line at a time; of lines that began on a day the larger first.
numbered as (

    select
        account_id,
        settles_on,
        currency,
        subscription_id,
        product,
        started_on,
        told_end_on,
        is_open,
        is_due_product,
        line_number,
        turn,
        staying_amount,
        lacking_amount,
        unrelated_amount,
        {{ money('offered_native') }} as offered_native,
        cast(rate as decimal(13, 8)) as rate,
        row_number() over (
            partition by account_id
            order by
                turn asc,
                started_on asc,
                cast(offered_native as decimal(24, 6)) * cast(rate as decimal(13, 8))
                desc,
                line_number asc
        ) + 1 as place
    from offered

),

calls as (

    select
        *,
        max(offered_native) over (partition by account_id, line_number) as line_native,
        lag(place) over (partition by account_id, line_number order by place)
            as line_place,
        lag(place) over (partition by account_id, settles_on order by place)
            as need_place,
        -- What came on the day itself is nearer than an early line of no kin.
        case
            when is_due_product then 0
            when row_number() over (partition by account_id, turn order by place) > 1
                then 0
            else unrelated_amount
        end as nearer_amount
    from numbered

),

-- What a line has left after a call, and what the settlement still needs, stand in the
-- arrays at the place of the call: there the next call of either finds it. Places 0 and
-- 1 make the array: Spark adds to no array without nulls what may be null.
taking (
    account_id,
    place,
    left_native,
    bid_native,
    bid_amount,
    needed_amount,
    taken_amount,
    taken_native,
    left_natives,
    needed_amounts
) as (

    select
        account_id,
        cast(1 as bigint) as place,
        cast(0 as decimal(18, 6)) as had_native,
        cast(0 as decimal(18, 6)) as bids_native,
        cast(0 as decimal(26, 14)) as bids_amount,
        cast(0 as decimal(26, 14)) as needs_amount,
        cast(0 as decimal(26, 14)) as takes_amount,
        cast(0 as decimal(18, 6)) as takes_native,
        array_append(array_agg(line_native), cast(null as decimal(18, 6)))
            as left_natives,
        array_append(array_agg(lacking_amount), cast(null as decimal(26, 14)))
            as needed_amounts
    from calls
    where place = 2
    group by account_id

    union all

    select
        calls.account_id,
        calls.place,
        coalesce(
            {{ item_at('taking.left_natives', 'calls.line_place') }}, calls.line_native
        ) as had_native,
        least(calls.offered_native, had_native) as bids_native,
        cast(
            cast(bids_native as decimal(24, 6)) * calls.rate as decimal(26, 14)
        ) as bids_amount,
        cast(
            greatest(
                coalesce(
                    {{ item_at('taking.needed_amounts', 'calls.need_place') }},
                    calls.lacking_amount
                ) - calls.nearer_amount,
                0
            ) as decimal(26, 14)
        ) as needs_amount,
        least(bids_amount, needs_amount) as takes_amount,
        case
            when takes_amount = bids_amount then bids_native
            else least(bids_native, {{ money('takes_amount / calls.rate') }})
        end as takes_native,
        array_append(
            taking.left_natives, {{ money('had_native - takes_native') }}
        ) as left_natives,
        array_append(
            taking.needed_amounts,
            cast(needs_amount - takes_amount as decimal(26, 14))
        ) as needed_amounts
    from taking
    inner join calls
        on
            taking.account_id = calls.account_id
            and taking.place + 1 = calls.place

),

-- What a line has left at last is an uplift of the last that it renewed.
found as (

    select
        calls.account_id,
        calls.settles_on,
        calls.currency,
        calls.subscription_id,
        calls.product,
        calls.started_on,
        calls.told_end_on,
        calls.is_open,
        calls.rate,
        calls.staying_amount,
        taking.taken_amount as early_amount,
        taking.taken_native as early_native,
        case
            when
                row_number() over (
                    partition by calls.account_id, calls.line_number
                    order by calls.place desc
                ) = 1
                then cast(taking.bid_amount - taking.taken_amount as decimal(26, 14))
            else 0
        end as uplift_amount,
        row_number() over (
            order by calls.account_id, calls.settles_on, calls.line_number
        ) as succession_number,
        -- What stays, and what an earlier one renews, is not paid twice by this one.
        cast(
            calls.staying_amount - taking.taken_amount + sum(taking.taken_amount) over (
                partition by calls.account_id, calls.settles_on
                order by calls.line_number
                rows between unbounded preceding and current row
            ) as decimal(26, 14)
        ) as reserved_amount
    from taking
    inner join calls
        on
            taking.account_id = calls.account_id
            and taking.place = calls.place
    where taking.taken_amount > 0

)

select * from found
