"""SQL that turns landed text into typed values, and names the rule a value breaks."""

import re
from collections.abc import Callable

from orchestration.landing.contract import FIRST_DAY, LAST_DAY, Column, plain
from orchestration.landing.keys import SHORTENED, SHORTENED_RULE, says_none
from orchestration.landing.number_forms import UNSURE, UNSURE_RULE

_DAY = r"\d{4}-\d{2}-\d{2}"
_TIME = r"[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?"
# No place on earth is further from UTC than 14 hours.
_OFFSET = r" ?(Z|UTC|[+-]((0\d|1[0-3])(:?[0-5]\d)?|14(:?00)?))"
ISO_PATTERN = f"{_DAY}({_TIME}({_OFFSET})?)?"
# A column of them in which some are missing is written as 1.0 and 0.0.
BOOLEANS = {"true": "true", "t": "true", "1": "true", "1.0": "true"}
BOOLEANS |= {"false": "false", "f": "false", "0": "false", "0.0": "false"}

RULES = {
    "date": "not an ISO date (YYYY-MM-DD)",
    "timestamp": "not an ISO timestamp (YYYY-MM-DD HH:MM:SS, UTC or with offset)",
    "bigint": "not a whole number",
    "double": "not a number",
    "boolean": "not true or false",
}


def type_rule(column: Column) -> str:
    """Say in words what a value of the column's type must be."""
    if column.scale is not None:
        return f"not a number with at most {column.scale} decimals"
    return RULES.get(column.data_type, "not text")


def _pattern(column: Column) -> str | None:
    """Return what the text of a value looks like, where its type tells."""
    if column.is_instant:
        return ISO_PATTERN
    if column.scale is not None:
        return rf"[+-]?\d*\.?\d{{0,{column.scale}}}0*"
    return {"bigint": r"[+-]?\d+(\.0+)?"}.get(column.data_type)


def fit(column: Column) -> Callable[[str], bool] | None:
    """Return what tells whether a cell may be of the column; none where any may."""
    fits = _fit(column)
    if fits is None or not column.may_say_none:
        return fits
    return lambda cell: fits(cell) or says_none(cell)


def _fit(column: Column) -> Callable[[str], bool] | None:
    if column.values or column.data_type == "boolean":
        allowed = set(column.values or BOOLEANS)
        return lambda cell: not cell or cell.strip().lower() in allowed
    number = r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?"
    pattern = number if column.data_type == "double" else _pattern(column)
    if pattern is None:
        return None
    matches = re.compile(pattern, re.IGNORECASE).fullmatch
    return lambda cell: not cell or matches(cell.strip()) is not None


def typed(column: Column, raw: str) -> str:
    """Return SQL for the value of text `raw`; null where it has none, or no end."""
    value = _parsed(column, raw)
    if column.open_end:
        return f"case when {value} < {_day_after_last(column)} then {value} end"
    return value


def _day_after_last(column: Column) -> str:
    return f"cast(cast('{LAST_DAY}' as date) + 1 as {column.data_type})"


def _parsed(column: Column, raw: str) -> str:
    """Return SQL for the typed value of text `raw`; null where it does not parse."""
    # The engine reads +02:00, behind the time at once; others write +0200, or a blank.
    told = rf"regexp_replace({raw}, ' ?([+-]\d\d):?(\d\d)$', '\1:\2')"
    instant = (
        f"case when regexp_full_match({raw}, '{ISO_PATTERN}') "
        f"then try_cast({told} as timestamptz) at time zone 'UTC' end"
    )
    match column.data_type:
        case "string":
            return f"lower({raw})" if column.values else raw
        case "date":
            return f"cast({instant} as date)"
        case "timestamp":
            return instant
        case "bigint":
            return (
                f"case when regexp_full_match({raw}, '{_pattern(column)}') "
                f"then try_cast({raw} as bigint) end"
            )
        case "double":
            number = f"try_cast({raw} as double)"
            return f"case when isfinite({number}) then {number} end"
        case "boolean":
            known = " ".join(f"when '{k}' then {v}" for k, v in BOOLEANS.items())
            return f"case lower({raw}) {known} end"
        case decimal:
            return (
                f"case when regexp_full_match({raw}, '{_pattern(column)}') "
                f"then try_cast({raw} as {decimal}) end"
            )


def rule_broken(column: Column) -> str:
    """Return SQL for the rule that the row breaks in this column, or null.

    Reads `<name>` (typed) and `raw_<name>` (text) of the same row.
    """
    raw, value = f'"raw_{column.name}"', f'"{column.name}"'
    cases = []
    if column.required:
        cases.append(f"when {raw} is null then 'required value is missing'")
    if column.is_key and column.data_type == "string":
        shortened = f"regexp_full_match({raw}, '{SHORTENED}')"
        cases.append(f"when {shortened} then '{SHORTENED_RULE}'")
    if column.is_number:
        cases.append(f"when ends_with({raw}, '{UNSURE}') then '{UNSURE_RULE}'")
    cases += _too_large(column, raw)
    cases.append(
        f"when {raw} is not null and {_parsed(column, raw)} is null "
        f"then '{type_rule(column)}'"
    )
    if column.values:
        allowed = ", ".join(f"'{value}'" for value in column.values)
        told = ", ".join(column.values)
        cases.append(f"when {value} not in ({allowed}) then 'not one of: {told}'")
    if column.false_rule is not None:
        cases.append(f"when not {value} then '{column.false_rule}'")
    if column.above is not None:
        cases.append(f"when {value} <= {column.above} then 'not above {column.above}'")
    if column.is_instant:
        cases += [
            f"when {value} < cast('{FIRST_DAY}' as date) then 'before {FIRST_DAY}'",
            f"when {value} >= {_day_after_last(column)} then 'after {LAST_DAY}'",
        ]
    return f"case {' '.join(cases)} end"


def _too_large(column: Column, raw: str) -> list[str]:
    """Return the cases of a number beyond its column's bounds, whatever its type holds.

    A double is exact enough: only a number far from its bound has too many digits.
    """
    if not column.is_number:
        return []
    number = f"try_cast({raw} as double)"
    cases = [
        f"when isfinite({number}) and {number} > {column.most} "
        f"then 'above {plain(column.most)}'"
    ]
    if column.least is not None:
        cases.append(
            f"when isfinite({number}) and {number} < {column.least} "
            f"then 'below {plain(column.least)}'"
        )
    return cases
