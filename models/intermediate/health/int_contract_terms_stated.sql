{# Where a row has today's end alone, who stayed had the ends of past terms as well. #}
with

items as (

    select * from {{ ref('int_subscription_items_priced') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

book as (

    select * from {{ ref('int_book_ends_judged') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

lines as (

    select
        *,
        min(contract_end_on) over (
            partition by account_id, coalesce(subscription_id, item_id), product
        ) = max(contract_end_on) over (
            partition by account_id, coalesce(subscription_id, item_id), product
        ) as is_told_once
    from items
    where source_system <> 'stripe'

),

-- Its last day lies less than a term behind the version, so that of each day is known.
past_ends as (

    select
        lines.account_id,
        lines.item_id,
        lines.valid_from,
        {{ months_after(
            'cast(months.month_number - ' ~ month_index('lines.contract_end_on')
            ~ ' as integer)',
            'lines.contract_end_on'
        ) }} as past_end_on
    from lines
    cross join book
    inner join months
        on
            months.month_number < {{ month_index('lines.contract_end_on') }}
            and (
                {{ month_index('lines.contract_end_on') }} - months.month_number
            ) % lines.term_months = 0
    where
        book.are_ends_current
        and lines.is_told_once
        and lines.source_system = 'files'
        and lines.term_months > 1

),

ends as (

    select
        account_id,
        item_id,
        valid_from,
        contract_end_on,
        end_known_on,
        true as is_told
    from lines

    union all

    select
        lines.account_id,
        lines.item_id,
        lines.valid_from,
        past_ends.past_end_on as contract_end_on,
        lines.valid_from as end_known_on,
        false as is_told
    from lines
    inner join past_ends
        on
            lines.account_id = past_ends.account_id
            and lines.item_id = past_ends.item_id
            and lines.valid_from = past_ends.valid_from
    cross join clock
    where
        past_ends.past_end_on > {{ days_after(
            var('contract_end_slack_days'), 'lines.valid_from'
        ) }}
        and past_ends.past_end_on < clock.as_of_on
        and {{ months_after('-lines.term_months', 'past_ends.past_end_on') }}
        < coalesce(lines.valid_to, {{ far_future() }})

),

followed as (

    select
        *,
        lag(contract_end_on) over (
            partition by account_id, item_id, valid_from
            order by is_told, contract_end_on nulls last
        ) as former_end_on
    from ends

),

stated as (

    select
        lines.account_id,
        lines.product,
        case when lines.quantity_unit = 'seats' then lines.quantity end as quantity,
        greatest(lines.valid_from, coalesce(followed.former_end_on, lines.valid_from))
            as valid_from,
        least(
            coalesce(lines.valid_to, {{ far_future() }}),
            case
                when followed.is_told then {{ far_future() }}
                else followed.contract_end_on
            end
        ) as valid_to,
        lines.notice_on,
        followed.contract_end_on,
        coalesce(lines.notice_period_days, 0) as notice_period_days,
        greatest(
            coalesce(followed.end_known_on, lines.valid_from),
            case
                when
                    lines.is_billed_monthly
                    and followed.contract_end_on <= {{ days_after(
                        '31 + coalesce(lines.notice_period_days, 0)', 'lines.notice_on'
                    ) }}
                    then lines.notice_on
                else lines.valid_from
            end
        ) as end_hidden_until,
        lines.is_billed_monthly
    from lines
    inner join followed
        on
            lines.account_id = followed.account_id
            and lines.item_id = followed.item_id
            and lines.valid_from = followed.valid_from
    where lines.is_paying

)

select * from stated
where valid_from < valid_to
