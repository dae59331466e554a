{# One sweep: what begins to count is added, what ends is taken off. #}
with

days as (

    select * from {{ ref('int_health_days_awaited') }}

),

accounts as (

    select * from {{ ref('int_health_accounts_awaited') }}

),

inputs as (

    select * from {{ ref('int_sentiment_inputs_windowed') }}

),

windowed as (

    select inputs.*
    from inputs
    inner join accounts
        on
            inputs.account_id = accounts.account_id
            and inputs.counts_from <= accounts.scored_to
            and inputs.counts_to > accounts.scored_from

),

changes as (

    select
        account_id,
        input_name,
        counts_from as changed_on,
        cast(amount as decimal(18, 6)) as amount
    from windowed

    union all

    select
        account_id,
        input_name,
        counts_to as changed_on,
        -cast(amount as decimal(18, 6)) as amount
    from windowed
    where counts_to < {{ far_future() }}

    union all

    select
        account_id,
        'health_day' as input_name,
        health_on as changed_on,
        0 as amount
    from days

),

daily as (

    select
        account_id,
        changed_on,
        count_if(input_name = 'health_day') > 0 as is_health_day,
        sum(case when input_name = 'nps_answers' then amount end) as nps_answers,
        sum(case when input_name = 'nps_total' then amount end) as nps_total,
        sum(case when input_name = 'earlier_nps_answers' then amount end)
            as earlier_nps_answers,
        sum(case when input_name = 'earlier_nps_total' then amount end)
            as earlier_nps_total,
        sum(case when input_name = 'csat_answers' then amount end) as csat_answers,
        sum(case when input_name = 'csat_total' then amount end) as csat_total,
        sum(case when input_name = 'earlier_csat_answers' then amount end)
            as earlier_csat_answers,
        sum(case when input_name = 'earlier_csat_total' then amount end)
            as earlier_csat_total,
        max(case when input_name = 'nps_answers' and amount > 0 then changed_on end)
            as last_nps_on,
        max(case when input_name = 'csat_answers' and amount > 0 then changed_on end)
            as last_csat_on
    from changes
    group by account_id, changed_on

),

accumulated as (

    select
        account_id,
        changed_on as health_on,
        is_health_day,
        cast(coalesce(sum(nps_answers) over so_far, 0) as bigint) as nps_answer_count,
        cast(coalesce(sum(nps_total) over so_far, 0) as decimal(18, 6)) as nps_total,
        cast(coalesce(sum(earlier_nps_answers) over so_far, 0) as bigint)
            as earlier_nps_answer_count,
        cast(coalesce(sum(earlier_nps_total) over so_far, 0) as decimal(18, 6))
            as earlier_nps_total,
        cast(coalesce(sum(csat_answers) over so_far, 0) as bigint) as csat_answer_count,
        cast(coalesce(sum(csat_total) over so_far, 0) as decimal(18, 6)) as csat_total,
        cast(coalesce(sum(earlier_csat_answers) over so_far, 0) as bigint)
            as earlier_csat_answer_count,
        cast(coalesce(sum(earlier_csat_total) over so_far, 0) as decimal(18, 6))
            as earlier_csat_total,
        max(last_nps_on) over so_far as last_nps_on,
        max(last_csat_on) over so_far as last_csat_on
    from daily
    window so_far as (
        partition by account_id
        order by changed_on
        rows between unbounded preceding and current row
    )

)

select * from accumulated
where is_health_day
