{# Movements and month ends, summed for all dimensions in one pass. #}
with

movements as (

    select * from {{ ref('int_mrr_movements_unioned') }}

),

month_ends as (

    select * from {{ ref('int_mrr_month_ends_converted') }}

),

segments as (

    select * from {{ ref('int_account_segments_opened') }}

),

dimensions as (

    select * from {{ ref('segment_dimensions') }}

),

amounts as (

    select
        account_id,
        currency,
        {{ month_index('effective_on') }} as month_number,
        movement as amount_kind,
        mrr_delta as amount
    from movements

    union all

    select
        account_id,
        currency,
        month_number,
        'closing' as amount_kind,
        mrr as amount
    from month_ends

),

-- An account that pays in two currencies is still one account.
account_amounts as (

    select
        account_id,
        month_number,
        amount_kind,
        sum(amount) as amount
    from amounts
    group by account_id, month_number, amount_kind
    having sum(amount) <> 0

),

placed as (

    select
        account_amounts.month_number,
        account_amounts.amount_kind,
        account_amounts.amount,
        dimensions.segment_dimension,
        case
            when dimensions.segment_dimension = 'parent'
                then segments.ultimate_parent_id
            else {{ segment_value('dimensions.segment_dimension') }}
        end as segment_value
    from account_amounts
    inner join segments
        on
            account_amounts.account_id = segments.account_id
            and account_amounts.month_number >= segments.from_month_number
            and account_amounts.month_number < coalesce(
                segments.to_month_number, account_amounts.month_number + 1
            )
    inner join dimensions
        on dimensions.segment_dimension <> 'currency'

),

segmented as (

    select
        month_number,
        amount_kind,
        segment_dimension,
        segment_value,
        sum(amount) as amount,
        count(*) as account_count
    from placed
    group by month_number, amount_kind, segment_dimension, segment_value

    union all

    select
        month_number,
        amount_kind,
        'currency' as segment_dimension,
        currency as segment_value,
        sum(amount) as amount,
        count(*) as account_count
    from amounts
    group by month_number, amount_kind, currency
    having sum(amount) <> 0

)

select * from segmented
