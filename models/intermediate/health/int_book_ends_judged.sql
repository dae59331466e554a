{# Of who left, today's end is the day of leaving: no score may win by that. #}
with

items as (

    select * from {{ ref('int_subscription_items_priced') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

lines_told_once as (

    select
        account_id,
        item_id,
        min(valid_from) as begun_on,
        max(contract_end_on) as contract_end_on,
        max(greatest(term_months, 12)) as term_months
    from items
    where source_system = 'files'
    group by account_id, item_id
    having count(distinct contract_end_on) = 1

),

judged as (

    select
        coalesce(
            2 * count_if(
                lines_told_once.contract_end_on > {{ days_after(
                    var('contract_end_slack_days'), months_after(
                        'lines_told_once.term_months', 'lines_told_once.begun_on'
                    )
                ) }}
            ) > count(*),
            false
        ) as are_ends_current
    from lines_told_once
    inner join clock
        on
            {{ months_after(
                'lines_told_once.term_months', 'lines_told_once.begun_on'
            ) }} < clock.as_of_on

)

select * from judged
