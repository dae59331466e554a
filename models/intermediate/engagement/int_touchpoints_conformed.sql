{# Our own activity: public formulas count it, our score never does. #}
with

touchpoints as (

    select * from {{ ref('int_salesforce_touchpoints_shaped') }}

),

known_accounts as (

    select * from {{ ref('int_known_accounts_listed') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

conformed as (

    select
        touchpoints.source_system,
        touchpoints.touchpoint_id,
        known_accounts.account_id,
        touchpoints.touched_on,
        touchpoints.known_on
    from touchpoints
    inner join known_accounts
        on touchpoints.account_id = known_accounts.known_account_id
    inner join clock
        on touchpoints.known_on <= clock.as_of_on

)

select * from conformed
