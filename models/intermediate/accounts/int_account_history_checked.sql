{# Every landed version, with the rule it breaks; nothing is left out here. #}
with

compared as (

    select * from {{ ref('int_account_history_compared') }}

),

survivors as (

    select * from {{ ref('int_accounts_merged') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

checked as (

    select
        compared.account_id,
        compared.valid_from,
        compared.parent_account_id,
        compared.owner_id,
        compared.desired_outcome,
        compared.is_strategic,
        compared.growth_potential,
        compared.country,
        compared.segment,
        compared.source_system,
        compared.source_file,
        compared.source_line,
        compared.is_empty_interval,
        compared.valid_from > clock.as_of_on as is_not_yet_known,
        coalesce(
            compared.quarantine_rule,
            case
                when
                    compared.merged_into_account_id is not null
                    and compared.valid_from <= clock.as_of_on
                    and not compared.is_empty_interval
                    then survivors.quarantine_rule
            end
        ) as quarantine_rule,
        case
            when compared.parent_account_id = compared.account_id
                then 'account names itself as its parent: read as none'
            else compared.warning_rule
        end as warning_rule
    from compared
    cross join clock
    left join survivors
        on compared.account_id = survivors.account_id

)

select * from checked
