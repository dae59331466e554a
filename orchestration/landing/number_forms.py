"""Tell whether the numbers of a file have decimal commas, and read them so.

`1.234` is one and a bit, or a thousand: where the file's other numbers say that its
dots part thousands it is a thousand, where they say nothing clear it is refused.
"""

from enum import Enum

import duckdb

from orchestration.landing.contract import Column
from orchestration.landing.keys import trimmed

# A dot before three digits, and a comma that parts decimals for sure.
THOUSANDS = r"[+-]?[1-9]\d{0,2}(\.\d{3})+"
_COMMA = r"[+-]?(\d{1,3}(\.\d{3})+,\d+|[1-9]\d{0,2},(\d{1,2}|\d{4,})|(0\d*|\d{4,}),\d+)"
_DOTS = r"[+-]?[1-9]\d{0,2}(\.\d{3}){2,}"
_POINT = r"[+-]?(\d*\.\d+|\d{1,3}(,\d{3})+\.\d+)"
EITHER = r"[+-]?(\d{1,3}(\.\d{3})*|\d+)(,\d+)?"
# What is put behind a number that may be either, so that no type reads it.
UNSURE = " (thousands or decimals?)"
UNSURE_RULE = (
    "a dot before three digits, in a file with decimal commas or none clear: write"
    " 1234 or 1.2340"
)


class Convention(Enum):
    """What a dot in the numbers of a column means."""

    POINT = "decimals"
    COMMA = "thousands, and commas part the decimals"
    UNSURE = "nobody knows"


def find_conventions(
    con: duckdb.DuckDBPyConnection,
    rows: str,
    columns: tuple[Column, ...],
    present: dict[str, tuple[str, str]],
    delimiter: str,
) -> dict[str, Convention]:
    """Return by column of numbers what the text of a file's rows tells of its dots.

    Where commas part the cells, each column speaks for itself, and none of a decimal
    comma: it is a bad value there, but one beside which no dot is trusted.
    """
    numbers = [
        (column.name, present[column.name][0])
        for column in columns
        if column.is_number
        and not column.is_key
        and present.get(column.name, ("", ""))[1] == "VARCHAR"
    ]
    if not numbers:
        return {}
    if delimiter == ",":
        # Few files hold any, and to look for a comma costs little.
        found = _any(con, rows, [f"""contains("{cell}", ',')""" for _, cell in numbers])
        numbers = [number for number, has in zip(numbers, found, strict=True) if has]
    told = _any(
        con,
        rows,
        [
            f"coalesce({test}, false)"
            for _, cell in numbers
            for test in _tests(trimmed(f'"{cell}"'))
        ],
    )
    evidence = [tuple(told[at : at + 3]) for at in range(0, len(told), 3)]
    if delimiter != ",":
        # All numbers of such a file were written by one program.
        evidence = [tuple(map(any, zip(*evidence, strict=True)))] * len(evidence)
    return {
        name: _judged(*said, delimiter)
        for (name, _), said in zip(numbers, evidence, strict=True)
    }


def _any(con: duckdb.DuckDBPyConnection, rows: str, tests: list[str]) -> list[bool]:
    if not tests:
        return []
    query = f"select {', '.join(f'bool_or({test})' for test in tests)} from {rows}"
    return [bool(found) for found in con.execute(query).fetchall()[0]]


def _tests(text: str) -> tuple[str, str, str]:
    """Return SQL that tells a decimal comma, a point, and what may be either."""
    is_thousands = f"regexp_full_match({text}, '{THOUSANDS}')"
    return (
        f"regexp_full_match({text}, '{_COMMA}|{_DOTS}')",
        f"regexp_full_match({text}, '{_POINT}') and not {is_thousands}",
        is_thousands,
    )


def _judged(
    has_comma: bool, has_point: bool, has_thousands: bool, delimiter: str
) -> Convention:
    if has_comma and not has_point and delimiter != ",":
        return Convention.COMMA
    is_unsure = has_comma or (delimiter == ";" and not has_point)
    return Convention.UNSURE if has_thousands and is_unsure else Convention.POINT


def number_text(text: str, convention: Convention) -> str:
    """Return SQL for a number's text as the contract writes it."""
    match convention:
        case Convention.POINT:
            return text
        case Convention.COMMA:
            plain = f"replace(replace({text}, '.', ''), ',', '.')"
            is_number = f"regexp_full_match({text}, '{EITHER}')"
            return f"case when {is_number} then {plain} else {text} end"
        case Convention.UNSURE:
            is_unsure = f"regexp_full_match({text}, '{THOUSANDS}')"
            return f"case when {is_unsure} then {text} || '{UNSURE}' else {text} end"
