"""Find what lies in a landing folder and nobody reads, and say why."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from orchestration.landing.contract import Table
from orchestration.landing.raw_files import (
    SUFFIXES,
    find_files,
    is_aside,
    is_dangling,
    is_there,
)
from orchestration.policy import POLICY

FORMS = f"a table is <table>{', '.join(SUFFIXES)}, or a folder <table>/ of such files"
NAMES_TOLD = 8


@dataclass(frozen=True)
class Unread:
    """A file or folder below `source` (empty: the landing folder) and why it stays."""

    source: str
    name: str
    why: str

    @property
    def label(self) -> str:
        """Return the path within the landing folder."""
        return f"{self.source}/{self.name}" if self.source else self.name


def find_unread(landing: Path, contracts: Iterable[Table]) -> list[Unread]:
    """List what no table of the contracts is read from.

    Left out are the files that programs keep for themselves (`is_aside`).
    """
    tables: dict[str, set[str]] = {}
    for table in contracts:
        tables.setdefault(table.source, set()).add(table.name)
    unread: list[Unread] = []
    for path in sorted(landing.glob("*")):
        if is_aside(path):
            continue
        if is_dangling(path):
            unread.append(Unread("", path.name, "a link to nothing"))
            continue
        if path.name == POLICY and path.is_dir():
            unread += _unread_policy(path)
            continue
        if path.is_file():
            why = "nobody reads a file here: tables lie in a folder, such as files/"
            unread.append(Unread("", path.name, why))
        elif path.name in tables:
            unread += _unread_tables(landing, path.name, tables[path.name])
        else:
            unread.append(Unread("", f"{path.name}/", _no_source(path.name, tables)))
    return unread


def _unread_policy(folder: Path) -> list[Unread]:
    why = "nobody reads a file of this name: a policy is <seed>.csv"
    return [
        Unread(POLICY, path.name, why)
        for path in sorted(folder.glob("*"))
        if not is_aside(path) and not (path.name.endswith(".csv") and path.is_file())
    ]


def _no_source(name: str, tables: dict[str, set[str]]) -> str:
    if name.lower() in tables:
        return f"nobody reads a folder of this name: write it {name.lower()}/"
    return f"no source has this name; there are: {', '.join(sorted(tables))}"


def _unread_tables(landing: Path, source: str, known: set[str]) -> list[Unread]:
    read = {file.path for name in known for file in find_files(landing, source, name)}
    unread: list[Unread] = []
    for path in sorted((landing / source).glob("*")):
        table = path.name.split(".")[0].lower()
        if is_aside(path) and not path.name.startswith("~$"):
            continue
        if table not in known:
            why = "no table of the contract has this name, so nobody reads it"
            unread.append(Unread(source, path.name, why))
            continue
        is_folder = path.is_dir() and path.name.lower() in known
        inside = [p for p in path.glob("**/*") if is_there(p) and not is_aside(p)]
        unread += [
            Unread(
                source,
                str(file.relative_to(landing / source)),
                f"nobody reads a file of this name: {FORMS}",
            )
            for file in sorted(set(inside if is_folder else [path]) - read)
        ]
    return unread


def _kind(unread: Unread) -> tuple[str, str]:
    return unread.source, unread.why


def unread_lines(unread: list[Unread]) -> list[str]:
    """Tell each of them; of many in one folder, for one reason, in one line."""
    lines: list[str] = []
    for (source, why), group in groupby(sorted(unread, key=_kind), key=_kind):
        several = list(group)
        if len(several) == 1:
            lines.append(f"{several[0].label}: {why}")
            continue
        names = ", ".join(one.name for one in several[:NAMES_TOLD])
        more = len(several) - NAMES_TOLD
        rest = f" and {more:,} more" if more > 0 else ""
        lines.append(f"{source or '.'}: {names}{rest}: {why}")
    return lines
