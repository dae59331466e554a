with

carried as (

    select * from {{ ref('int_mrr_restatements_carried') }}

),

closes as (

    select * from {{ ref('int_mrr_closes_numbered') }}

),

totals as (

    select
        account_id,
        currency,
        mrr_month,
        measure,
        mrr_delta as corrected_mrr
    from carried
    where close_number = 0

),

restated as (

    select
        carried.account_id,
        carried.currency,
        carried.mrr_month,
        carried.measure,
        carried.cause,
        closes.close_number,
        closes.recorded_as_of_at,
        closes.recorded_on,
        carried.mrr_delta as restated_mrr,
        carried.mrr_delta_native as restated_mrr_native,
        sum(carried.mrr_delta) over figure as restated_in_all,
        sum(carried.mrr_delta) over (
            partition by
                carried.account_id, carried.currency, carried.mrr_month, carried.measure
            order by carried.close_number
            range between unbounded preceding and current row
        ) as restated_so_far
    from carried
    inner join closes
        on carried.close_number = closes.close_number
    window figure as (
        partition by
            carried.account_id, carried.currency, carried.mrr_month, carried.measure
    )

),

compared as (

    select
        cast(restated.account_id as string) as account_id,
        cast(restated.currency as string) as currency,
        cast(restated.mrr_month as date) as mrr_month,
        cast(restated.measure as string) as measure,
        cast(restated.cause as string) as cause,
        cast(restated.close_number as bigint) as close_number,
        cast(restated.recorded_as_of_at as timestamp) as recorded_as_of_at,
        cast(restated.recorded_on as date) as recorded_on,
        {{ money('coalesce(totals.corrected_mrr, 0) - restated.restated_in_all') }}
            as published_mrr,
        {{ money('restated.restated_mrr') }} as restated_mrr,
        {{ money('''
            coalesce(totals.corrected_mrr, 0)
            - restated.restated_in_all
            + restated.restated_so_far
        ''') }} as corrected_mrr,
        {{ money('restated.restated_mrr_native') }} as restated_mrr_native
    from restated
    left join totals
        on
            restated.account_id = totals.account_id
            and restated.currency = totals.currency
            and restated.mrr_month = totals.mrr_month
            and restated.measure = totals.measure

)

select * from compared
