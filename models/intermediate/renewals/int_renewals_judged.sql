{# What came back fills what was not won at once; sums are rounded, so parts add up. #}
with

contracts as (

    select * from {{ ref('int_contracts_dated') }}

),

settled as (

    select * from {{ ref('int_renewals_settled') }}

),

returned as (

    select * from {{ ref('int_renewals_returned') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

renewed as (

    select
        settled.*,
        returned.returned_on,
        greatest(
            least(
                settled.due_amount - settled.won_amount,
                coalesce(returned.returned_amount, 0)
                + (settled.due_amount - settled.won_amount)
                - sum(settled.due_amount - settled.won_amount) over so_far
            ),
            0
        ) as late_amount
    from settled
    left join returned
        on
            settled.account_id = returned.account_id
            and settled.settles_on = returned.settles_on
    window so_far as (
        partition by settled.account_id, settled.settles_on
        order by settled.contract_end_on
        rows between unbounded preceding and current row
    )

),

rounded as (

    select
        account_id,
        contract_end_on,
        notice_on,
        returned_on,
        {{ money('due_amount') }} as available_mrr,
        {{ money('won_amount') }} as won_mrr,
        {{ money('won_amount + late_amount') }} as renewed_mrr,
        {{ money('uplift_amount') }} as uplift_mrr
    from renewed

),

judged as (

    select
        contracts.account_id,
        contracts.contract_end_on,
        contracts.term_starts_on,
        contracts.renewal_decision_on,
        contracts.measured_on,
        case when not contracts.is_open then contracts.settles_on end as settled_on,
        rounded.available_mrr,
        rounded.won_mrr,
        rounded.renewed_mrr,
        {{ money('rounded.renewed_mrr - rounded.won_mrr') }} as late_mrr,
        {{ money('''
            case
                when contracts.is_open then 0
                else rounded.available_mrr - rounded.renewed_mrr
            end
        ''') }} as lost_mrr,
        {{ money('case when contracts.is_open then rounded.available_mrr else 0 end') }}
            as open_mrr,
        rounded.uplift_mrr,
        case when rounded.notice_on <= clock.as_of_on then rounded.notice_on end
            as notice_on,
        case
            when rounded.won_mrr > 0 then contracts.settles_on
            when rounded.renewed_mrr > 0 then rounded.returned_on
        end as renewed_on,
        {{ dbt.datediff(
            'contracts.term_starts_on', 'contracts.contract_end_on', 'day'
        ) }} as term_days,
        case
            when contracts.is_open then 'open'
            when rounded.renewed_mrr = 0 then 'lost'
            when rounded.renewed_mrr < rounded.available_mrr then 'partly_won'
            when rounded.won_mrr < rounded.renewed_mrr then 'late'
            else 'won'
        end as outcome,
        {{ days_after(var('late_renewal_grace_days'), 'contracts.settles_on') }}
        > clock.as_of_on
        and not contracts.is_open
        and rounded.renewed_mrr < rounded.available_mrr as is_provisional
    from contracts
    cross join clock
    inner join rounded
        on
            contracts.account_id = rounded.account_id
            and contracts.contract_end_on = rounded.contract_end_on

)

select * from judged
