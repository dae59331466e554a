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

checked as (

    select
        touchpoints.source_system,
        touchpoints.touchpoint_id,
        known_accounts.account_id,
        touchpoints.touched_on,
        touchpoints.known_on,
        touchpoints.touchpoint_id as row_key,
        touchpoints.source_file,
        touchpoints.source_line,
        touchpoints.known_on > clock.as_of_on as is_not_yet_known,
        case
            when known_accounts.account_id is null then 'account is unknown'
            when touchpoints.touched_on < cast('{{ var("calendar_from") }}' as date)
                then 'happened before the calendar begins'
        end as quarantine_rule
    from touchpoints
    cross join clock
    left join known_accounts
        on touchpoints.account_id = known_accounts.known_account_id

)

select * from checked
