{# A key that points at two accounts decides nothing: better unmatched than fanned
   out. #}
with

source_keys as (

    select * from {{ ref('int_source_account_keys_unioned') }}

),

crm_keys as (

    select * from {{ ref('int_crm_account_keys_unioned') }}

),

candidates as (

    select
        source_keys.source_system,
        source_keys.source_account_id,
        source_keys.match_rule,
        source_keys.match_rank,
        max(crm_keys.account_id) as account_id,
        max(crm_keys.surviving_account_id) as surviving_account_id,
        count(distinct crm_keys.account_id) as account_count,
        count(distinct crm_keys.surviving_account_id) as survivor_count
    from source_keys
    left join crm_keys
        on
            source_keys.key_kind = crm_keys.key_kind
            and source_keys.key_value = crm_keys.key_value
    group by
        source_keys.source_system,
        source_keys.source_account_id,
        source_keys.match_rule,
        source_keys.match_rank

),

decided as (

    select
        source_system,
        source_account_id,
        match_rule,
        case
            when account_count = 1 then account_id
            when survivor_count = 1 then surviving_account_id
        end as account_id,
        row_number() over (
            partition by source_system, source_account_id
            order by
                case when survivor_count = 1 then 0 else 1 end,
                match_rank
        ) as decision_rank
    from candidates

),

matched as (

    select
        source_system,
        source_account_id,
        account_id,
        case when account_id is null then 'unmatched' else match_rule end
            as match_rule,
        account_id is not null as is_matched
    from decided
    where decision_rank = 1

)

select * from matched
