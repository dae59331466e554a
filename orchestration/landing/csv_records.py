"""Read a CSV file line by line, and say of every line what became of it.

The engine's own reader stops at a quote that nobody closed, or takes the rows behind it
for text. So the lines are cut into records here: what is whole is handed on, what is
not is named by line, and a row that a quote would swallow is read as the row it is.
"""

import gzip
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

# A longer record is no row of a business, and every reader has some limit.
MOST_BYTES = 2_000_000
_CHUNK = 1 << 22
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_INSIDE = rb'[^"]*+(?:""[^"]*+)*+'
_QUOTED = rb'"' + _INSIDE + rb'"'
# A quote behind other text is text, such as inches; only one that opens a cell counts.
_CELL = rb"(?:" + _QUOTED + rb'|[^",][^,]*+|)'
_PLAIN_CELL = rb"(?:" + _QUOTED + rb'|[^",]*+)'
_NEXT_CELLS = rb"(?:," + _CELL + rb")*+"
CELL = re.compile(_CELL)
WHOLE = re.compile(_CELL + _NEXT_CELLS)
OPEN = re.compile(rb"(?:" + _CELL + rb',)*?"' + _INSIDE)
STILL_OPEN = re.compile(_INSIDE)
CLOSED = re.compile(_INSIDE + rb'"' + _NEXT_CELLS)
OPEN_AGAIN = re.compile(_INSIDE + rb'"(?:,' + _CELL + rb')*?,"' + _INSIDE)

UNCLOSED = "unclosed quote"
SWALLOWED = "perhaps swallowed by an unclosed quote above"
TOO_FEW = "malformed line: too few cells"
TOO_MANY = "malformed line: too many cells"


class UnreadableFileError(Exception):
    """A landed file that cannot be used at all; the message names file and rule."""


@dataclass(frozen=True)
class CsvFile:
    """A CSV file, known by the path people wrote it to."""

    path: Path
    label: str

    def opened(self) -> BinaryIO:
        """Open the file's bytes, unpacked."""
        opener = gzip.open if self.path.name.endswith(".gz") else open
        return cast(BinaryIO, opener(self.path, "rb"))

    def chunks(self) -> Iterator[bytes]:
        """Read the file's bytes piece by piece, without a byte-order mark.

        Raises:
            UnreadableFileError: the file cannot be opened, or is cut off.
        """
        try:
            with self.opened() as stream:
                chunk = stream.read(_CHUNK).removeprefix(_BYTE_ORDER_MARK)
                while chunk:
                    yield chunk
                    chunk = stream.read(_CHUNK)
        except EOFError as error:
            raise UnreadableFileError(
                f"{self.label}: unreadable file (the compressed file is cut off)"
            ) from error
        except (OSError, zlib.error) as error:
            raise UnreadableFileError(
                f"{self.label}: unreadable file ({error})"
            ) from error


@dataclass(frozen=True)
class Header:
    """The names of a file's columns, in lower case, and what their cells must be."""

    names: tuple[str, ...]
    starts_on: int
    # By position: whether a cell may be of the column, where that can be told.
    checks: tuple[tuple[int, Callable[[str], bool]], ...] = ()


@dataclass
class Tally:
    """What became of a file's lines: all of them are one of these."""

    headers: int = 0
    records: int = 0
    malformed: list[tuple[int, str]] = field(default_factory=list)
    blank: int = 0
    # Lines behind the first of a record that has line breaks in its quotes.
    continued: int = 0

    @property
    def lines(self) -> int:
        """Count the lines that are told of."""
        told = self.headers + self.records + len(self.malformed)
        return told + self.blank + self.continued

    def ends_within_a_row(self, ends: "LineEnds") -> bool:
        """Tell whether the last line has no end and is no whole row: a file cut off."""
        return ends.is_open and any(
            line == ends.lines and rule in (TOO_FEW, UNCLOSED)
            for line, rule in self.malformed
        )


@dataclass(frozen=True)
class LineEnds:
    """What a file's line ends tell by themselves, whatever stands between them."""

    lines: int
    # Windows or Unix ends throughout: the engine's reader takes no mixture.
    is_of_one_kind: bool
    # The last line has no end.
    is_open: bool


def count_line_ends(file: CsvFile) -> LineEnds:
    """Count a file's lines without a look at its records."""
    feeds = returns = both = 0
    last = b""
    for chunk in file.chunks():
        both += chunk.count(b"\r\n") + (last == b"\r" and chunk.startswith(b"\n"))
        feeds += chunk.count(b"\n")
        returns += chunk.count(b"\r")
        last = chunk[-1:]
    ends_open = last not in (b"", b"\n", b"\r")
    return LineEnds(
        lines=feeds + returns - both + ends_open,
        is_of_one_kind=returns == both and both in (0, feeds),
        is_open=ends_open,
    )


def _line_batches(file: CsvFile) -> Iterator[list[bytes]]:
    """Cut a file into lines, without their ends.

    Raises:
        UnreadableFileError: a line is not UTF-8.
    """
    rest, passed = b"", 0
    for chunk in file.chunks():
        block = rest + chunk
        # A carriage return at the end may be half of a Windows line end.
        end = max(block.rfind(b"\n"), block.rfind(b"\r", 0, len(block) - 1)) + 1
        rest = block[end:]
        lines = block[:end].splitlines()
        _check_text(file, block[:end], passed)
        passed += len(lines)
        yield lines
    if rest:
        _check_text(file, rest, passed)
        yield rest.splitlines()


def _check_text(file: CsvFile, block: bytes, passed: int) -> None:
    try:
        block.decode("utf-8")
    except UnicodeDecodeError as error:
        line = passed + max(len((block[: error.start] + b".").splitlines()), 1)
        raise UnreadableFileError(
            f"{file.label}: unreadable file (line {line} is not UTF-8 text)"
        ) from error


def cells_of(record: bytes) -> list[str]:
    """Return the cells of a whole record, without their quotes."""
    cells, at = [], 0
    while True:
        found = CELL.match(record, at)
        assert found
        text = found.group().decode("utf-8")
        is_quoted = text.startswith('"')
        cells.append(text[1:-1].replace('""', '"') if is_quoted else text)
        if found.end() == len(record):
            return cells
        at = found.end() + 1


def read_names(file: CsvFile) -> tuple[tuple[str, ...], int]:
    """Return the names in a file's header, and the line that it stands on.

    Raises:
        UnreadableFileError: there is no header, or it names a column twice.
    """
    number = 0
    for batch in _line_batches(file):
        for line in batch:
            number += 1
            if line.strip():
                return _names(file, line, number), number
    raise UnreadableFileError(f"{file.label}: empty file, no header line")


def _names(file: CsvFile, line: bytes, number: int) -> tuple[str, ...]:
    if not WHOLE.fullmatch(line) or b"\0" in line:
        raise UnreadableFileError(
            f"{file.label}: unreadable file (line {number}, the header, is malformed)"
        )
    names = tuple(name.strip().lower() for name in cells_of(line))
    if not any(names):
        raise UnreadableFileError(f"{file.label}: empty file, no header line")
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise UnreadableFileError(f"{file.label}: column named twice: {twice}")
    return names


def _plain(header: Header) -> Callable[[bytes], object]:
    """Return what matches a record of as many cells, no quote in them but pairs."""
    commas = str(len(header.names) - 1).encode()
    cells = _PLAIN_CELL + rb"(?:," + _PLAIN_CELL + rb"){" + commas + rb"}"
    return re.compile(cells).fullmatch


def count_if_plain(file: CsvFile, header: Header) -> int | None:
    """Count the rows of a file in which every line is one well-formed record.

    Such a file the engine may read by itself. None: it may not.
    """
    commas, is_plain = len(header.names) - 1, _plain(header)
    if header.starts_on > 1:
        return None
    count = 0
    for batch in _line_batches(file):
        for line in batch:
            if b'"' in line:
                if not is_plain(line):
                    return None
            elif line.count(b",") != commas or not line:
                return None
            if b"\0" in line or len(line) > MOST_BYTES:
                return None
            if not commas and not line.strip():
                return None
        count += len(batch)
    return count - 1


class Records:
    """Iterate over a file's whole records, each with the line it starts on."""

    def __init__(self, file: CsvFile, header: Header) -> None:
        """Read nothing yet."""
        self.header = header
        self.tally = Tally()
        self.is_plain = _plain(header)
        self._commas = len(header.names) - 1
        self._batches = _line_batches(file)
        self._batch: Iterator[bytes] = iter(())
        self._again: deque[tuple[int, bytes]] = deque()
        self._number = 0

    def _next_line(self) -> tuple[int, bytes] | None:
        if self._again:
            return self._again.popleft()
        while True:
            line = next(self._batch, None)
            if line is not None:
                self._number += 1
                return self._number, line
            batch = next(self._batches, None)
            if batch is None:
                return None
            self._batch = iter(batch)

    def _refuse(self, number: int, rule: str) -> None:
        self.tally.malformed.append((number, rule))

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Yield line and bytes of each record, its cells as many as the header's."""
        while (found := self._next_line()) is not None:
            number, line = found
            if not line.strip():
                self.tally.blank += 1
            elif number == self.header.starts_on:
                self.tally.headers += 1
            elif (record := self._record(number, line)) is not None:
                self.tally.records += 1
                yield number, record

    def _record(self, number: int, line: bytes) -> bytes | None:
        if len(line) > MOST_BYTES:
            self._refuse(number, f"malformed line: longer than {MOST_BYTES:,} bytes")
            return None
        if b"\0" in line:
            self._refuse(number, "malformed line: a NUL character")
            return None
        if b'"' not in line:
            return self._counted(number, line, line.count(b","))
        if self.is_plain(line):
            return line
        if WHOLE.fullmatch(line):
            return self._counted(number, line, len(cells_of(line)) - 1)
        if OPEN.fullmatch(line):
            return self._joined(number, line)
        self._refuse(number, "malformed line: text behind a closing quote")
        return None

    def _counted(self, number: int, record: bytes, commas: int) -> bytes | None:
        if commas == self._commas:
            return record
        self._refuse(number, TOO_FEW if commas < self._commas else TOO_MANY)
        return None

    def _joined(self, number: int, line: bytes) -> bytes | None:
        """Return the record whose quotes hold line breaks, or name what it is."""
        swallowed: list[tuple[int, bytes]] = []
        size, is_closed = len(line), False
        while not is_closed and (found := self._next_line()) is not None:
            swallowed.append(found)
            size += len(found[1]) + 1
            if size > MOST_BYTES or b"\0" in found[1]:
                break
            if b'"' in found[1] and not STILL_OPEN.fullmatch(found[1]):
                is_closed = bool(CLOSED.fullmatch(found[1]))
                if not is_closed and not OPEN_AGAIN.fullmatch(found[1]):
                    break
        record = b"\n".join([line, *(text for _, text in swallowed)])
        if (
            is_closed
            and not any(self._reads_as_row(text) for _, text in swallowed)
            and self._breaks_lines_in_words(cells_of(record))
        ):
            self.tally.continued += len(swallowed)
            return self._counted(number, record, len(cells_of(record)) - 1)
        self._refuse(number, UNCLOSED)
        if is_closed and not self.header.checks:
            # Nothing but commas tells a row of words from a sentence: keep both out.
            for at, _ in swallowed:
                self._refuse(at, SWALLOWED)
            return None
        self._again.extendleft(reversed(swallowed))
        return None

    def _reads_as_row(self, line: bytes) -> bool:
        """Tell whether a line could be a row of the file, if one with some fault."""
        if not WHOLE.fullmatch(line):
            return False
        cells = cells_of(line)
        # The tail of a first cell that began above: `lines",5`.
        if '"' in cells[0] and not line.startswith(b'"'):
            return False
        if len(cells) != len(self.header.names):
            return False
        fits = [is_fit(cells[at]) for at, is_fit in self.header.checks if cells[at]]
        return 2 * sum(fits) > len(fits) or not self.header.checks

    def _breaks_lines_in_words(self, cells: list[str]) -> bool:
        """Tell whether no line break stands in a number, a day or a word of a list."""
        return all(
            is_fit(cells[at])
            for at, is_fit in self.header.checks
            if at < len(cells) and "\n" in cells[at]
        )


def write_clean(file: CsvFile, header: Header, clean: Path) -> Tally:
    """Write a file's whole records, each behind the line it starts on.

    The copy has no header, one kind of line end, and no quote that is not a pair.
    """
    records = Records(file, header)
    with clean.open("wb") as stream:
        for number, record in records:
            is_plain = b'"' not in record or records.is_plain(record)
            text = record if is_plain else _requoted(record)
            stream.write(b"%d,%b\n" % (number, text))
    return records.tally


def _requoted(record: bytes) -> bytes:
    doubled = (cell.replace('"', '""') for cell in cells_of(record))
    return ",".join(f'"{cell}"' for cell in doubled).encode("utf-8")
