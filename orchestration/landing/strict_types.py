"""SQL that turns landed text into typed values, and names the rule a value breaks."""

from orchestration.landing.contract import Column

_DAY = r"\d{4}-\d{2}-\d{2}"
_TIME = r"[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
_OFFSET = r" ?(Z|UTC|[+-]\d{2}(:\d{2})?)"
ISO_PATTERN = f"{_DAY}({_TIME}({_OFFSET})?)?"
BOOLEANS = {"true": "true", "t": "true", "1": "true"}
BOOLEANS |= {"false": "false", "f": "false", "0": "false"}

RULES = {
    "date": "not an ISO date (YYYY-MM-DD)",
    "timestamp": "not an ISO timestamp (YYYY-MM-DD HH:MM:SS, UTC or with offset)",
    "bigint": "not a whole number",
    "double": "not a number",
    "boolean": "not true or false",
}


def type_rule(column: Column) -> str:
    """Say in words what a value of the column's type must be."""
    if column.data_type.startswith("decimal"):
        scale = column.data_type.rstrip(")").split(",")[1].strip()
        return f"not a number with at most {scale} decimals"
    return RULES.get(column.data_type, "not text")


def typed(column: Column, raw: str) -> str:
    """Return SQL for the typed value of text `raw`; null where it does not parse."""
    instant = (
        f"case when regexp_full_match({raw}, '{ISO_PATTERN}') "
        f"then try_cast({raw} as timestamptz) at time zone 'UTC' end"
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
                f"case when regexp_full_match({raw}, '[+-]?\\d+(\\.0+)?') "
                f"then try_cast({raw} as bigint) end"
            )
        case "double":
            number = f"try_cast({raw} as double)"
            return f"case when isfinite({number}) then {number} end"
        case "boolean":
            known = " ".join(f"when '{k}' then {v}" for k, v in BOOLEANS.items())
            return f"case lower({raw}) {known} end"
        case decimal:
            scale = decimal.rstrip(")").split(",")[1].strip()
            pattern = f"[+-]?\\d*\\.?\\d{{0,{scale}}}0*"
            return (
                f"case when regexp_full_match({raw}, '{pattern}') "
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
    cases.append(
        f"when {raw} is not null and {value} is null then '{type_rule(column)}'"
    )
    if column.values:
        allowed = ", ".join(f"'{value}'" for value in column.values)
        told = ", ".join(column.values)
        cases.append(f"when {value} not in ({allowed}) then 'not one of: {told}'")
    if column.minimum is not None:
        cases.append(f"when {value} < {column.minimum} then 'below {column.minimum}'")
    if column.above is not None:
        cases.append(f"when {value} <= {column.above} then 'not above {column.above}'")
    if column.maximum is not None:
        cases.append(f"when {value} > {column.maximum} then 'above {column.maximum}'")
    return f"case {' '.join(cases)} end"
