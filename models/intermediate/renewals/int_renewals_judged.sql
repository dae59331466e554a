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

successors as (

    select * from {{ ref('int_early_renewals_found') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

early as (

    select
        account_id,
        settles_on,
        min(started_on) as started_on,
        sum(early_amount) as early_amount,
        sum(uplift_amount) as uplift_amount
    from successors
    where not is_open
    group by account_id, settles_on

),

-- What began here and renews another contract is no uplift of this one.
lent as (

    select
        account_id,
        started_on,
        sum(early_amount) as lent_amount
    from successors
    where not is_open
    group by account_id, started_on

),

-- The days that a former contract still covered make no term longer than it is.
overlapped as (

    select
        successors.account_id,
        successors.told_end_on,
        max(least(contracts.contract_end_on, contracts.settles_on))
            as overlapped_until
    from successors
    inner join contracts
        on
            successors.account_id = contracts.account_id
            and successors.settles_on = contracts.settles_on
    group by successors.account_id, successors.told_end_on

),

lacking as (

    select
        settled.*,
        settled.due_amount - settled.kin_amount as lacking_amount,
        coalesce(early.early_amount, 0) + settled.due_amount - settled.kin_amount
        - sum(settled.due_amount - settled.kin_amount) over so_far as early_left,
        sum(settled.won_amount - settled.kin_amount) over (
            partition by settled.account_id, settled.settles_on
        ) as unrelated_amount,
        coalesce(returned.returned_amount, 0) as returned_amount,
        returned.returned_on,
        early.started_on as renewed_early_on,
        greatest(
            settled.uplift_amount - coalesce(lent.lent_amount, 0),
            case when row_number() over so_far = 1 then early.uplift_amount end,
            0
        ) as gained_amount
    from settled
    left join returned
        on
            settled.account_id = returned.account_id
            and settled.settles_on = returned.settles_on
    left join early
        on
            settled.account_id = early.account_id
            and settled.settles_on = early.settles_on
    left join lent
        on
            settled.account_id = lent.account_id
            and settled.settles_on = lent.started_on
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
        case when least(lacking_amount, early_left) > 0 then renewed_early_on end
            as renewed_early_on,
        {{ money('due_amount') }} as available_mrr,
        {{ money('kin_amount + greatest(least('
            ~ 'lacking_amount, early_left + unrelated_amount), 0)') }} as won_mrr,
        {{ money('kin_amount + greatest(least('
            ~ 'lacking_amount, early_left + unrelated_amount + returned_amount), 0)') }}
            as renewed_mrr,
        {{ money('gained_amount') }} as uplift_mrr
    from lacking

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
        {{ money('case when contracts.is_open then 0 '
            ~ 'else rounded.available_mrr - rounded.renewed_mrr end') }} as lost_mrr,
        {{ money('case when contracts.is_open then rounded.available_mrr else 0 end') }}
            as open_mrr,
        rounded.uplift_mrr,
        case when rounded.notice_on <= clock.as_of_on then rounded.notice_on end
            as notice_on,
        case
            when rounded.won_mrr > 0
                then coalesce(rounded.renewed_early_on, contracts.settles_on)
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
        and rounded.renewed_mrr < rounded.available_mrr as is_provisional,
        rounded.won_mrr > 0
        and (
            rounded.renewed_early_on is not null
            or contracts.settles_on < contracts.contract_end_on
        ) as is_early,
        {{ dbt.datediff(
            'greatest(contracts.term_starts_on, overlapped.overlapped_until)',
            'contracts.contract_end_on', 'day'
        ) }} > {{ var('multi_year_over_days') }} as is_multi_year
    from contracts
    cross join clock
    inner join rounded
        on
            contracts.account_id = rounded.account_id
            and contracts.contract_end_on = rounded.contract_end_on
    left join overlapped
        on
            contracts.account_id = overlapped.account_id
            and contracts.contract_end_on = overlapped.told_end_on

)

select * from judged
