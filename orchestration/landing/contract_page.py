"""Tell the files contract to people: a page and a template, from what is enforced."""

from pathlib import Path

from orchestration.landing.contract import (
    LAST_DAY,
    Column,
    Table,
    plain,
    read_contracts,
)

PAGE = "docs/files_contract.md"
OPENING = Path(__file__).with_suffix(".md")


def _rule(column: Column) -> str:
    said = []
    if column.required:
        said.append("**required**")
    elif column.strict:
        said.append("**money**")
    if column.default is not None:
        said.append(f"default `{column.default}`")
    if column.values:
        said.append("one of " + ", ".join(f"`{value}`" for value in column.values))
    if column.minimum is not None:
        said.append(f"at least {plain(column.minimum)}")
    if column.above is not None:
        said.append(f"above {plain(column.above)}")
    if column.maximum is not None:
        said.append(f"at most {plain(column.maximum)}")
    if column.open_end:
        said.append(f"after {LAST_DAY}: none")
    return "; ".join(said)


def _section(table: Table) -> str:
    rows = "\n".join(
        f"| `{column.name}` | {column.data_type} | {_rule(column)} "
        f"| {column.description} |"
        for column in table.columns
    )
    key = ", ".join(f"`{name}`" for name in table.key)
    return (
        f"\n## {table.name}\n\n"
        f"{table.description} A **{table.kind}**, keyed by {key}.\n\n"
        f"| column | type | rule | meaning |\n| --- | --- | --- | --- |\n{rows}\n"
    )


def contract_page() -> str:
    """Return the page as Markdown, from the contracts that the loader enforces."""
    tables = [table for table in read_contracts() if table.source == "files"]
    return OPENING.read_text(encoding="utf-8") + "".join(
        _section(table) for table in tables
    )
