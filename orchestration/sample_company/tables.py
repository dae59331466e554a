"""Declare every landed and true table, and write it with fixed types and order."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

STRING, BIGINT, BOOLEAN = pa.string(), pa.int64(), pa.bool_()
TIMESTAMP, DATE, DOUBLE = pa.timestamp("us"), pa.date32(), pa.float64()
TYPES = {
    "s": STRING,
    "i": BIGINT,
    "b": BOOLEAN,
    "t": TIMESTAMP,
    "d": DATE,
    "f": DOUBLE,
}
FOREVER = "9999-12-31 23:59:59"


def columns_of(text: str) -> dict[str, pa.DataType]:
    """Read `name:letter` words into a column contract."""
    pairs = (word.split(":") for word in text.split())
    return {name: TYPES[letter] for name, letter in pairs}


COLUMNS: dict[str, dict[str, pa.DataType]] = {
    name: columns_of(text)
    for name, text in {
        "salesforce/account": (
            "id:s name:s parent_id:s master_record_id:s owner_id:s industry:s "
            "billing_country:s number_of_employees:i created_date:t is_deleted:b "
            "website:s desired_outcome_c:s strategic_c:b growth_potential_c:s "
            "product_workspace_id_c:s _fivetran_synced:t"
        ),
        "salesforce/account_history": (
            "id:s _fivetran_start:t _fivetran_end:t _fivetran_active:b parent_id:s "
            "master_record_id:s owner_id:s billing_country:s is_deleted:b "
            "desired_outcome_c:s strategic_c:b growth_potential_c:s "
            "_fivetran_synced:t"
        ),
        "salesforce/contact": (
            "id:s account_id:s name:s email:s title:s role_c:s "
            "no_longer_at_company_c:b created_date:t left_on_c:d is_deleted:b "
            "_fivetran_synced:t"
        ),
        "salesforce/user": (
            "id:s name:s email:s title:s is_active:b user_role_id:s _fivetran_synced:t"
        ),
        "salesforce/opportunity": (
            "id:s account_id:s name:s type:s amount:f stage_name:s is_won:b "
            "is_closed:b close_date:d created_date:t owner_id:s is_deleted:b "
            "_fivetran_synced:t"
        ),
        "salesforce/task": (
            "id:s account_id:s who_id:s owner_id:s subject:s type:s activity_date:d "
            "status:s created_date:t is_deleted:b _fivetran_synced:t"
        ),
        "stripe/customer": (
            "id:s name:s email:s created:t currency:s delinquent:b is_deleted:b "
            "livemode:b metadata:s _fivetran_synced:t"
        ),
        "stripe/product": "id:s name:s active:b created:t _fivetran_synced:t",
        "stripe/price": (
            "id:s product_id:s nickname:s currency:s unit_amount:i "
            "unit_amount_decimal:s recurring_interval:s recurring_interval_count:i "
            "recurring_usage_type:s type:s active:b created:t is_deleted:b "
            "livemode:b _fivetran_synced:t"
        ),
        "stripe/subscription_history": (
            "id:s customer_id:s status:s quantity:i start_date:t created:t "
            "current_period_start:t current_period_end:t cancel_at:t "
            "cancel_at_period_end:b canceled_at:t ended_at:t trial_start:t "
            "trial_end:t livemode:b metadata:s _fivetran_start:t _fivetran_end:t "
            "_fivetran_active:b _fivetran_synced:t"
        ),
        "stripe/subscription_item": (
            "id:s subscription_id:s plan_id:s quantity:i created:t "
            "current_period_start:t current_period_end:t metadata:s "
            "_fivetran_synced:t"
        ),
        "stripe/invoice": (
            "id:s customer_id:s subscription_id:s status:s billing_reason:s "
            "currency:s created:t period_start:t period_end:t subtotal:i tax:i "
            "total:i amount_due:i amount_paid:i amount_remaining:i attempt_count:i "
            "paid:b due_date:t is_deleted:b livemode:b metadata:s number:s "
            "_fivetran_synced:t"
        ),
        "stripe/invoice_line_item": (
            "id:s unique_id:s invoice_id:s subscription_id:s "
            "subscription_item_id:s plan_id:s type:s amount:i currency:s "
            "proration:b quantity:i period_start:t period_end:t description:s "
            "livemode:b metadata:s discountable:b _fivetran_synced:t"
        ),
        "stripe/coupon": (
            "id:s name:s percent_off:f amount_off:i currency:s duration:s "
            "duration_in_months:i created:t valid:b _fivetran_synced:t"
        ),
        "stripe/subscription_discount": (
            "id:s subscription_id:s customer_id:s coupon_id:s start:t end:t "
            "_fivetran_synced:t"
        ),
        "stripe/charge": (
            "id:s customer_id:s invoice_id:s amount:i amount_refunded:i currency:s "
            "status:s failure_code:s paid:b refunded:b created:t _fivetran_synced:t"
        ),
        "stripe/refund": (
            "id:s charge_id:s amount:i currency:s reason:s status:s created:t "
            "_fivetran_synced:t"
        ),
        "zendesk/organization": (
            "id:i name:s external_id:s created_at:t updated_at:t _fivetran_synced:t"
        ),
        "zendesk/domain_name": (
            "organization_id:i index:i domain_name:s _fivetran_synced:t"
        ),
        "zendesk/user": (
            "id:i name:s email:s role:s organization_id:i created_at:t "
            "_fivetran_synced:t"
        ),
        "zendesk/ticket": (
            "id:i organization_id:i requester_id:i assignee_id:i subject:s type:s "
            "priority:s status:s created_at:t updated_at:t via_channel:s "
            "_fivetran_synced:t"
        ),
        "zendesk/ticket_field_history": (
            "ticket_id:i field_name:s value:s updated:t user_id:i _fivetran_synced:t"
        ),
        "zendesk/ticket_comment": (
            "id:i ticket_id:i user_id:i public:b created:t _fivetran_synced:t"
        ),
        "zendesk/ticket_tag": "ticket_id:i tag:s _fivetran_synced:t",
        "zendesk/satisfaction_rating": (
            "id:i ticket_id:i requester_id:i score:s created_at:t _fivetran_synced:t"
        ),
        "segment/tracks": (
            "id:s context_group_id:s user_id:s event:s original_timestamp:t "
            "timestamp:t received_at:t properties:s"
        ),
        "surveys/responses": (
            "response_id:s crm_account_id:s contact_id:s kind:s score:f answer:s "
            "responded_at:t"
        ),
        "true_subscription_items": (
            "item_id:s subscription_id:s account_id:s product:s plan:s valid_from:d "
            "valid_to:d quantity:i unit_amount:f currency:s billing_interval:s "
            "interval_count:i discount_percent:f discount_amount:f discount_kind:s "
            "discount_from:d discount_to:d status:s notice_on:d contract_end_on:d "
            "notice_period_days:i usage_based:b"
        ),
        "true_account_weeks": (
            "account_id:s week_on:d usage:f value:f friction:f support_slowness:f "
            "champion_present:b is_onboarded:b wanted_users:f hazard:f"
        ),
        "true_causes": "name:s effect:f lead_days_from:i lead_days_to:i note:s",
        "true_time_to_value": (
            "account_id:s outcome:s clock_started_on:d first_paid_on:d "
            "value_reached_on:d left_on:d"
        ),
        "true_identities": "system:s source_id:s account_id:s match_rule:s",
        "true_churns": (
            "account_id:s subscription_id:s notice_on:d ended_on:d captured_on:d "
            "cause:s"
        ),
        "true_champion_departures": "account_id:s left_on:d replaced_on:d",
        "true_milestones": (
            "outcome:s event_name:s min_users:i min_events:i within_days:i"
        ),
        "true_mess": "mess:s row_count:i",
    }.items()
}


def typed(name: str, rows: pd.DataFrame | Iterable[dict]) -> pa.Table:
    """Give `rows` the columns and types declared for table `name`."""
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    contract = COLUMNS[name]
    arrays = [
        typed_array(frame[column], kind)
        if column in frame.columns
        else pa.nulls(len(frame), kind)
        for column, kind in contract.items()
    ]
    return pa.Table.from_arrays(arrays, names=list(contract))


def typed_array(values: pd.Series, kind: pa.DataType) -> pa.Array:
    """Cast one column, through its text or instant where pandas is looser."""
    if kind in (TIMESTAMP, DATE):
        values = values.astype("datetime64[us]")
    if kind == BIGINT:
        values = values.astype("Int64")
    array = pa.Array.from_pandas(values)
    chunk = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return chunk.cast(kind)


def write_table(path: Path, name: str, rows: pd.DataFrame | Iterable[dict]) -> int:
    """Write `rows` as one Parquet file and return the number of rows."""
    table = typed(name, rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd")
    return table.num_rows
