"""Turn dbt's stream of lines into one moving line and a log file."""

import io
import re
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

FINISHED = re.compile(r"(\d+) of (\d+) (OK|PASS|WARN|ERROR|FAIL|SKIP|NO-OP)\b")
TROUBLE = re.compile(r"\b(ERROR|FAIL|WARN|Error|Failure|Warning)\b")


class DbtProgress(io.TextIOBase):
    """A stand-in for stdout that counts finished nodes and keeps every line."""

    def __init__(self, log: Path) -> None:
        """Open the log; the bar appears on the terminal's stderr."""
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log.open("w", encoding="utf-8")
        self._bar = Progress(
            TextColumn("  dbt build"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("", total=None)
        self.trouble: list[str] = []

    def __enter__(self) -> Self:
        """Show the bar."""
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away and close the log."""
        self._bar.stop()
        self._log.close()

    def write(self, text: str) -> int:
        """Log the text; move the bar where it tells of a finished node."""
        self._log.write(text)
        plain = re.sub(r"\x1b\[\d+m", "", text)
        if finished := FINISHED.search(plain):
            name = plain.split()[-1] if "[" not in plain else plain.split(" .")[0]
            self._bar.update(
                self._task,
                completed=int(finished.group(1)),
                total=int(finished.group(2)),
                description=name.split()[-1],
            )
        if TROUBLE.search(plain) and "ERROR=0" not in plain:
            self.trouble.append(plain.strip())
        return len(text)

    def flush(self) -> None:
        """Do nothing: the log is flushed when it is closed."""
