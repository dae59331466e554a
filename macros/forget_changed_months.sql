{# Deletes what a model of account months must write anew: open months, and all from the first whose movements differ from those written. Nothing where the whole table is built. #}
{% macro forget_changed_months(moved, clock) -%}
{%- set figures -%}
    account_id, mrr_month, new_mrr, expansion_mrr, contraction_mrr, churn_mrr,
    reactivation_mrr, pause_mrr, resume_mrr, fx_mrr
{%- endset -%}
{%- set written -%}
    select {{ figures }} from {{ this }}
    where new_mrr <> 0 or expansion_mrr <> 0 or contraction_mrr <> 0
        or churn_mrr <> 0 or reactivation_mrr <> 0 or pause_mrr <> 0
        or resume_mrr <> 0 or fx_mrr <> 0
{%- endset -%}
{%- if is_incremental() -%}
delete from {{ this }} where mrr_month >= (
    select min(mrr_month) from (
        select mrr_month from {{ this }} where not is_final
        union all
        {#- The first month that is open today, were nothing written yet. #}
        select date_trunc(
            'month', {{ days_after(1 - var('late_renewal_grace_days'), 'as_of_on') }}
        ) from {{ clock }}
        union all
        select mrr_month from ({{ written }} except select {{ figures }} from {{ moved }})
        union all
        select mrr_month from (select {{ figures }} from {{ moved }} except {{ written }})
    )
)
{%- endif -%}
{%- endmacro %}
