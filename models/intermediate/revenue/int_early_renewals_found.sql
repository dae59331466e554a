{# Each settlement in its turn takes what its successors have left, so that no money
   renews twice: first of its own products, nearest end first, then of the others. #}
with recursive

offered as (

    select * from {{ ref('int_successors_offered') }}

),

calls as (

    select * from {{ ref('int_renewal_turns_called') }}

),

-- A turn has three steps, as recursion may look at itself once: each line bids what it
-- has left, in order of start; the settlement takes; and what was taken is paid.
taking as (

    select
        account_id,
        party_number,
        party_on,
        max(turn) as last_turn,
        cast(0 as bigint) as step,
        cast(null as date) as settles_on,
        cast(1 as decimal(13, 8)) as rate,
        cast(max(offered_native) as decimal(18, 6)) as left_native,
        cast(max(needed_amount) as decimal(26, 14)) as needed_amount,
        cast(0 as decimal(18, 6)) as bid_native,
        cast(0 as decimal(26, 14)) as bid_amount,
        cast(0 as decimal(26, 14)) as taken_amount
    from calls
    group by account_id, party_number, party_on

    union all

    select
        taking.account_id,
        taking.party_number,
        taking.party_on,
        taking.last_turn,
        taking.step + 1 as step,
        case when taking.step % 3 = 0 then calls.settles_on else taking.settles_on end
            as settles_on,
        cast(
            case when taking.step % 3 = 0 then coalesce(calls.rate, 1) else taking.rate
            end as decimal(13, 8)
        ) as rate,
        case
            when taking.step % 3 = 2
                then {{ money('''
                    taking.left_native - case
                        when taking.taken_amount = taking.bid_amount
                            then taking.bid_native
                        else least(
                            taking.bid_native,
                            cast(taking.taken_amount / taking.rate as decimal(18, 6))
                        )
                    end
                ''') }}
            else taking.left_native
        end as left_native,
        cast(
            case
                when taking.step % 3 = 0
                    then greatest(
                        taking.needed_amount - coalesce(calls.unrelated_amount, 0), 0
                    )
                when taking.step % 3 = 2 and taking.party_number = 0
                    then taking.needed_amount - taking.taken_amount
                else taking.needed_amount
            end as decimal(26, 14)
        ) as needed_amount,
        case
            when taking.step % 3 = 0
                then {{ money(
                    'least(taking.left_native, coalesce(calls.offered_native, 0))'
                ) }}
            else taking.bid_native
        end as bid_native,
        cast(
            case
                when taking.step % 3 = 0
                    then cast(
                        least(taking.left_native, coalesce(calls.offered_native, 0))
                        as decimal(24, 6)
                    ) * coalesce(calls.rate, cast(1 as decimal(13, 8)))
                else taking.bid_amount
            end as decimal(26, 14)
        ) as bid_amount,
        cast(
            case
                when taking.step % 3 <> 1 then 0
                when taking.party_number = 0
                    then least(taking.needed_amount, sum(taking.bid_amount) over call)
                else greatest(
                    least(
                        taking.bid_amount,
                        max(taking.needed_amount) over call
                        + taking.bid_amount
                        - sum(taking.bid_amount) over so_far
                    ),
                    0
                )
            end as decimal(26, 14)
        ) as taken_amount
    from taking
    left join calls
        on
            taking.account_id = calls.account_id
            and taking.party_number = calls.party_number
            and taking.party_on = calls.party_on
            and taking.step = (calls.turn - 1) * 3
    where taking.step < taking.last_turn * 3
    window
        call as (partition by taking.account_id, taking.settles_on),
        so_far as (
            partition by taking.account_id, taking.settles_on
            order by taking.party_on, -taking.bid_amount, taking.party_number
            rows between unbounded preceding and current row
        )

),

taken as (

    select
        offered.account_id,
        offered.settles_on,
        offered.currency,
        offered.subscription_id,
        offered.product,
        offered.started_on,
        offered.told_end_on,
        offered.is_open,
        offered.rate,
        offered.staying_amount,
        offered.line_number,
        offered.turn,
        taking.bid_amount,
        taking.bid_native,
        taking.taken_amount
    from taking
    inner join offered
        on
            taking.account_id = offered.account_id
            and taking.party_number = offered.line_number
            and taking.settles_on = offered.settles_on
    where taking.step % 3 = 2 and taking.taken_amount > 0

),

-- What a line has left at last is an uplift of the last that it renewed.
found as (

    select
        account_id,
        settles_on,
        currency,
        subscription_id,
        product,
        started_on,
        told_end_on,
        is_open,
        rate,
        staying_amount,
        taken_amount as early_amount,
        case
            when taken_amount = bid_amount then bid_native
            else least(bid_native, {{ money('taken_amount / rate') }})
        end as early_native,
        case
            when
                row_number() over (
                    partition by account_id, line_number
                    order by turn desc
                ) = 1
                then cast(bid_amount - taken_amount as decimal(26, 14))
            else 0
        end as uplift_amount,
        row_number() over (
            order by account_id, settles_on, line_number
        ) as succession_number,
        -- What stays, and what an earlier one renews, is not paid twice by this one.
        cast(
            staying_amount - taken_amount + sum(taken_amount) over (
                partition by account_id, settles_on
                order by line_number
                rows between unbounded preceding and current row
            ) as decimal(26, 14)
        ) as reserved_amount
    from taken

)

select * from found
