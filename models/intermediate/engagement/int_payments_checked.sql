with

payments as (

    select * from {{ ref('int_payments_unioned') }}

),

known_accounts as (

    select * from {{ ref('int_known_accounts_listed') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

checked as (

    select
        payments.source_system,
        payments.payment_id,
        known_accounts.account_id,
        payments.attempted_at,
        lower(payments.status) as status,
        payments.invoice_id,
        payments.amount,
        payments.currency,
        payments.payment_id as row_key,
        payments.source_file,
        payments.source_line,
        payments.attempted_at > clock.as_of_at as is_not_yet_known,
        case
            when known_accounts.account_id is null then 'account is unknown'
            when payments.attempted_at < cast('{{ var("calendar_from") }}' as date)
                then 'happened before the calendar begins'
            when
                coalesce(lower(payments.status), '')
                not in ('succeeded', 'failed', 'pending')
                then 'status is not succeeded, failed or pending'
        end as quarantine_rule
    from payments
    cross join clock
    left join known_accounts
        on payments.account_id = known_accounts.known_account_id

)

select * from checked
