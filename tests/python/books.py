"""Write small books of business as the files contract wants them."""

import shutil
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]


def as_text(value: object) -> str:
    """Return a value as people write it in a CSV file; nothing for None."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.isoformat(sep=" ")
        case date():
            return value.isoformat()
        case _:
            return str(value)


def write_book(landing: Path, tables: Tables) -> Path:
    """Write each table as `files/<table>.csv`, in place of what was there."""
    shutil.rmtree(landing, ignore_errors=True)
    files = landing / "files"
    files.mkdir(parents=True)
    for name, rows in tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        texts = [
            {column: as_text(row.get(column)) for column in columns} for row in rows
        ]
        pd.DataFrame(texts, columns=columns).to_csv(files / f"{name}.csv", index=False)
    return landing


def item(
    item_id: str,
    account_id: str,
    valid_from: str | date,
    valid_to: str | date | None = None,
    unit_amount: float | str | Decimal = 100,
    billing_interval: str = "month",
    **more: Any,
) -> dict[str, Any]:
    """Return one row of subscription_items, monthly and of 100 unless told."""
    return {
        "item_id": item_id,
        "account_id": account_id,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "unit_amount": unit_amount,
        "billing_interval": billing_interval,
    } | more
