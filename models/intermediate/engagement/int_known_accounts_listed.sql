{# Every account id a source may use, with the account it is read under. #}
with

accounts as (

    select * from {{ ref('int_accounts_conformed') }}

),

survivors as (

    select * from {{ ref('int_accounts_merged') }}

),

named as (

    select
        account_id as known_account_id,
        account_id
    from accounts

    union

    select
        survivors.account_id as known_account_id,
        accounts.account_id
    from survivors
    inner join accounts
        on survivors.surviving_account_id = accounts.account_id

)

select * from named
