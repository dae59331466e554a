"""Tell the files contract to people: a page and a template, from what is enforced."""

from orchestration.landing.contract import Column, Table, read_contracts

PAGE = "docs/files_contract.md"
OPENING = """\
# The files contract

Drop plain files into `LANDING/files/` and get every mart that they can support. One file
per entity, `<entity>.csv`, `.csv.gz` or `.parquet`, or a folder `<entity>/` of such files.
Only `subscription_items` is needed for all revenue marts; anything else may be missing, and
`fct_freshness` then says what suffers. `docs/template/files/` holds a small company to
start from: `make run LANDING=docs/template PUBLISH=build/template`.

This page is made from `models/staging/files/_files__sources.yml`, which the loader
enforces: `make docs` writes it anew.

## Rules

- CSV: comma, double quotes, UTF-8 (a byte-order mark is fine), one header line. Column
  names count, not their order. Unknown columns are left in the file and named at load.
- Days are ISO days (2025-12-31), instants are ISO timestamps, UTC unless an offset is
  given. Where a day is meant a timestamp is cut to its UTC day. Any other format
  quarantines the row, with file, line, rule and value.
- Empty means missing. A missing value takes the default named below, if there is one.
- **state** entities are full snapshots: a row that is gone is deleted, and the run says
  so. Two different rows on one key are both quarantined.
- **log** entities accumulate by key: the newest row wins; older ones are counted.
- An identical repeat is dropped and counted.
- A file that cannot be read, or lacks a required column, is broken: the run says so, the
  entity keeps its last good rows, and `fct_freshness` marks it stale.
- Events, tickets and answers of an account that nobody knows are quarantined. Revenue of
  an account missing from `accounts` is kept under a derived account and counted.
- Intervals are half-open: `valid_to` and `discount_to` are the first day after. An empty
  interval is ignored and counted; an end before its start, and versions of one item that
  overlap, are quarantined.
- A currency without a rate on the item's first day quarantines the item, by name.
"""


def _rule(column: Column) -> str:
    said = []
    if column.required:
        said.append("**required**")
    if column.default is not None:
        said.append(f"default `{column.default}`")
    if column.values:
        said.append("one of " + ", ".join(f"`{value}`" for value in column.values))
    if column.minimum is not None:
        said.append(f"at least {column.minimum:g}")
    if column.maximum is not None:
        said.append(f"at most {column.maximum:g}")
    return "; ".join(said)


def _section(table: Table) -> str:
    rows = "\n".join(
        f"| `{column.name}` | {column.data_type} | {_rule(column)} "
        f"| {column.description} |"
        for column in table.columns
    )
    key = ", ".join(f"`{name}`" for name in table.key)
    return (
        f"\n## {table.name}\n\n{table.description} A **{table.kind}**, keyed by {key}.\n\n"
        f"| column | type | rule | meaning |\n| --- | --- | --- | --- |\n{rows}\n"
    )


def contract_page() -> str:
    """Return the page as Markdown, from the contracts that the loader enforces."""
    tables = [table for table in read_contracts() if table.source == "files"]
    return OPENING + "".join(_section(table) for table in tables)
