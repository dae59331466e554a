"""The contract of each landed table, read from dbt's own source declarations."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).parents[2]
# Written by the loader itself, so not looked for in the landing folder.
OWN_SOURCE = "run"
CAPTURED = "_captured"


# What a column holds unless it declares less. Within these no product, sum or shift of
# days that the models make leaves its type; see DECISIONS.md.
MOST = 10**12 - 1
FIRST_DAY, LAST_DAY = "1900-01-01", "2199-12-31"


def plain(number: float) -> str:
    """Write a bound as people do, without an exponent."""
    return f"{Decimal(str(number)):f}"


class ContractError(Exception):
    """A source declaration that the loader cannot use."""


@dataclass(frozen=True)
class Column:
    """One declared column: its SQL type and what each value must satisfy."""

    name: str
    data_type: str
    description: str = ""
    required: bool = False
    default: str | None = None
    values: tuple[str, ...] = ()
    minimum: float | None = None
    above: float | None = None
    maximum: float | None = None
    # Why a row in which this is false is no row of ours.
    false_rule: str | None = None
    # An end: a day after LAST_DAY, such as 9999-12-31, says that there is none.
    open_end: bool = False
    # Money depends on it: a value that cannot be read keeps its row out.
    strict: bool = False
    happening: bool = False
    received: bool = False
    personal: bool = False
    synced: bool = False

    @property
    def is_key(self) -> bool:
        """Tell a column that names a row, of its own table or of another."""
        is_named = self.name == "id" or "_id_" in f"{self.name}_"
        return is_named and self.data_type in ("string", "bigint")

    @property
    def is_blankable(self) -> bool:
        """Tell a column whose bad values are read as missing, and the row stays."""
        return not (self.required or self.strict or self.is_key)

    @property
    def can_be_blanked(self) -> bool:
        """Tell such a column in which a value can be bad at all: text is text."""
        return self.is_blankable and (self.data_type != "string" or bool(self.values))

    @property
    def may_say_none(self) -> bool:
        """Tell a column in which a word such as NULL is no value: it may be missing.

        In text such a word may be meant; a currency is no text but a word of a list.
        """
        is_text = self.data_type == "string" and not self.values
        return not self.required and (not is_text or self.name == "currency")

    @property
    def is_number(self) -> bool:
        """Tell a column that is reckoned with."""
        return self.data_type in ("bigint", "double") or self.scale is not None

    @property
    def is_instant(self) -> bool:
        """Tell a column of days or instants."""
        return self.data_type in ("date", "timestamp")

    @property
    def scale(self) -> int | None:
        """Return the decimals of a decimal column."""
        return self._decimal[1] if self._decimal else None

    @property
    def most(self) -> float:
        """Return the largest number that the column may hold."""
        if self.maximum is not None:
            return self.maximum
        precision, scale = self._decimal or (18, 0)
        return min(MOST, 10 ** (precision - scale) - 1)

    @property
    def least(self) -> float | None:
        """Return the smallest number it may hold; none where it is above another."""
        if self.minimum is not None or self.above is not None:
            return self.minimum
        return -self.most if self.maximum is None else -MOST

    @property
    def _decimal(self) -> tuple[int, int] | None:
        if not self.data_type.startswith("decimal"):
            return None
        precision, scale = (
            self.data_type.removeprefix("decimal(").rstrip(")").split(",")
        )
        return int(precision), int(scale)


@dataclass(frozen=True)
class Weight:
    """What a state's rows weigh, in SQL over their columns, to compare two deliveries.

    `amount` (in words: `what`) counts from the day of `starts` until that of `ends`; it
    may ask for the day that it is read at: `{day}`. The starts of items tell a book's
    day where no feed does. What is a fact of its day is not told in another way later.
    """

    amount: str = "0"
    what: str = "the rows"
    currency: str | None = None
    starts: str | None = None
    ends: str | None = None
    is_item: bool = False
    is_fact: bool = False


@dataclass(frozen=True)
class Table:
    """One declared table: how its rows are keyed and what a repeat means."""

    source: str
    name: str
    description: str
    kind: str
    key: tuple[str, ...]
    newest_by: tuple[str, ...]
    columns: tuple[Column, ...]
    captured: tuple[str, ...] = ()
    # SQL over its columns: a row that its source deleted, by the source's own words.
    deleted_if: str = ""
    weighed: Weight = Weight()
    feeds: tuple[str, ...] = ()

    @property
    def column_names(self) -> list[str]:
        """List the declared columns in contract order."""
        return [column.name for column in self.columns]


KINDS = ("state", "log")
# The memories of published figures; what a table feeds rests on it, however far below.
MEMORIES = ("ledger", "health")


def _column(declared: dict[str, Any], key: tuple[str, ...], is_strict: bool) -> Column:
    meta = declared.get("config", {}).get("meta", {})
    return Column(
        name=declared["name"],
        data_type=declared["data_type"],
        description=declared.get("description", "").strip(),
        required=meta.get("required", False) or declared["name"] in key,
        default=meta.get("default"),
        values=tuple(str(value) for value in meta.get("values", ())),
        minimum=meta.get("minimum"),
        above=meta.get("above"),
        maximum=meta.get("maximum"),
        false_rule=meta.get("false_rule"),
        open_end=meta.get("open_end", False),
        strict=meta.get("strict", is_strict),
        happening=meta.get("happening", False),
        received=meta.get("received", False),
        personal=meta.get("personal", False),
        synced=meta.get("synced", False),
    )


def _table(source: str, declared: dict[str, Any], is_strict: bool) -> Table:
    meta = declared.get("config", {}).get("meta", {})
    key = tuple(meta.get("key", ()))
    table = Table(
        source=source,
        name=declared["name"],
        description=declared.get("description", "").strip(),
        kind=meta.get("kind", ""),
        key=key,
        newest_by=tuple(meta.get("newest_by", ())),
        columns=tuple(
            _column(column, key, is_strict) for column in declared.get("columns", ())
        ),
        captured=tuple(meta.get("captured", ())),
        deleted_if=meta.get("deleted_if", ""),
        weighed=Weight(**meta.get("weighed", {})),
        feeds=tuple(meta.get("feeds", ())),
    )
    if strange := set(table.feeds) - set(MEMORIES):
        raise ContractError(f"{source}.{table.name}: feeds names {strange}")
    if table.kind not in KINDS:
        raise ContractError(f"{source}.{table.name}: kind must be one of {KINDS}")
    unknown = set(table.key + table.newest_by) - set(table.column_names)
    if unknown or not table.key:
        raise ContractError(f"{source}.{table.name}: key names {unknown or 'nothing'}")
    if strange := set(table.captured) - set(table.column_names):
        raise ContractError(f"{source}.{table.name}: captured names {strange}")
    return table


def read_contracts(project: Path = PROJECT) -> list[Table]:
    """Read every landed table's contract from models/staging/*/_*__sources.yml."""
    tables = []
    for path in sorted(project.glob("models/staging/*/_*__sources.yml")):
        # The C loader reads the same YAML ten times as fast.
        text = path.read_text(encoding="utf-8")
        declared = yaml.load(text, Loader=yaml.CSafeLoader)
        for source in declared["sources"]:
            name = source["name"]
            if name != OWN_SOURCE and not name.endswith(CAPTURED):
                # Of a source that is all about money every column may declare it.
                meta = source.get("config", {}).get("meta", {})
                is_strict = meta.get("strict", False)
                tables += [_table(name, t, is_strict) for t in source["tables"]]
    return tables
