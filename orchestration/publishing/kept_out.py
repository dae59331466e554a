"""Say in a terminal what is missing, broken or quarantined in a published set."""

from pathlib import Path

import duckdb
from rich.console import Console
from rich.markup import escape

EXAMPLES_SHOWN = 5

# What the files contract would give stands for what every source of a domain would.
MISSING = """
    select domain, string_agg(distinct used_for, '; ' order by used_for)
    from fct_freshness
    where is_missing and source_system = 'files' and domain <> 'rates'
    group by domain order by domain
"""
NOT_BELIEVED = """
    select load_status, source_system, entity, message
    from fct_freshness where load_status in ('held', 'broken') order by all
"""
PROVISIONAL = """
    select is_ledger_provisional, is_health_provisional from published_set
"""
STALE = """
    select source_system, entity, age_days
    from fct_freshness
    where is_stale and load_status not in ('held', 'broken') order by all
"""
QUARANTINED = """
    select source_system, entity, rule, count(*) as row_count,
        min_by(concat_ws(':', source_file, source_line), source_line) as first_place,
        min_by(row_key, source_line) as first_key
    from fct_quarantined_rows
    group by source_system, entity, rule
    order by row_count desc, source_system, entity, rule
"""


def print_kept_out(marts: Path, console: Console | None = None) -> None:
    """Print what the marts could not be built from; nothing where all is well.

    What is not believed comes first, and what is provisional for it.
    """
    console = console or Console(soft_wrap=True)
    with duckdb.connect(str(marts), read_only=True) as con:
        missing = con.execute(MISSING).fetchall()
        not_believed = con.execute(NOT_BELIEVED).fetchall()
        ((is_ledger, is_health),) = con.execute(PROVISIONAL).fetchall()
        stale = con.execute(STALE).fetchall()
        quarantined = con.execute(QUARANTINED).fetchall()
    for status, source, entity, message in not_believed:
        console.print(
            f"[red]{status.capitalize()}[/red] {source}.{entity}: {escape(message)}",
            highlight=False,
        )
    if is_ledger or is_health:
        parts = [("months and closes", is_ledger), ("health of new days", is_health)]
        console.print(
            "[red]Provisional[/red] until it is mended or accepted: "
            + ", ".join(part for part, is_provisional in parts if is_provisional)
        )
    for domain, used_for in missing:
        console.print(f"[yellow]No {domain} data[/yellow]: without {used_for}")
    for source, entity, age_days in stale:
        console.print(f"[yellow]Stale[/yellow] {source}.{entity}: {age_days} days old")
    for source, entity, rule, row_count, place, key in quarantined[:EXAMPLES_SHOWN]:
        console.print(
            f"[yellow]Quarantined[/yellow] {row_count:,} of {source}.{entity}: {rule} "
            f"(first: {place}, {key})",
            highlight=False,
        )
    if len(quarantined) > EXAMPLES_SHOWN:
        console.print(f"... and {len(quarantined) - EXAMPLES_SHOWN} more rules.")
