"""What was known of deliveries when readers got their set, to go back to.

A run learns from its deliveries before its ledger is asked. Where the ledger is
refused, what that run learnt is forgotten, and so is what runs before it learnt that
died since readers got their set.
"""

import shutil
from pathlib import Path

import duckdb

from orchestration.landing.believed import read_believed, read_rows
from orchestration.landing.contract import read_contracts
from orchestration.publishing.durable_files import (
    flush_tree,
    link_or_copy,
    remove_whole,
    rename_durably,
    target_of,
)

MEMORIES_OF_DELIVERIES = ("evidence", "captured")
MARK = "set.txt"


def _aside(state: Path) -> Path:
    return state / ".known-before"


def keep_aside(state: Path, publish_folder: Path) -> None:
    """Keep what is known of deliveries, as links, once for each set that readers get.

    Called before anything is landed. What a run that died left half done is done first.
    """
    _finish_going_back(state)
    aside = _aside(state)
    published = str(target_of(publish_folder / "current") or "")
    mark = aside / MARK
    if mark.exists() and mark.read_text(encoding="utf-8") == published:
        return
    partial = state / ".partial-known-before"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name in MEMORIES_OF_DELIVERIES:
        if (state / name).exists():
            shutil.copytree(state / name, partial / name, copy_function=link_or_copy)
        else:
            (partial / name).mkdir()
    (partial / MARK).write_text(published, encoding="utf-8")
    flush_tree(partial)
    if aside.exists():
        remove_whole(aside)
    rename_durably(partial, aside)


def go_back(state: Path) -> None:
    """Forget what was learnt from deliveries since: the ledger was refused."""
    if _aside(state).exists():
        rename_durably(_aside(state), state / ".going-back")
        _finish_going_back(state)


def _finish_going_back(state: Path) -> None:
    """Put what was kept in the place of what is there; may be called again."""
    back = state / ".going-back"
    for name in MEMORIES_OF_DELIVERIES:
        if (back / name).exists():
            shutil.rmtree(state / name, ignore_errors=True)
            rename_durably(back / name, state / name)
    shutil.rmtree(back, ignore_errors=True)


def changed_since(state: Path, landed: Path) -> list[str]:
    """Name the tables below the ledger whose rows are not those known before."""
    changed = []
    with duckdb.connect() as con:
        for table in read_contracts():
            before = read_believed(con, _aside(state) / "evidence", table)
            parquet = landed / table.source / f"{table.name}.parquet"
            if "ledger" not in table.feeds or before is None or not parquet.exists():
                continue
            columns = ", ".join(f'"{name}"' for name in table.column_names)
            one, other = (
                f"(select {columns} from {read_rows(con, table, path)})"
                for path in (before.parquet, parquet)
            )
            ((count,),) = con.execute(
                f"select count(*) from (({one} except all {other})"
                f" union all ({other} except all {one}))"
            ).fetchall()
            if count:
                changed.append(f"{table.source}.{table.name}")
    return changed
