"""Read a CSV file line by line, and say of every line what became of it.

The engine's own reader stops at a quote that nobody closed, or takes the rows behind it
for text. So the lines are cut into records here: what is whole is handed on, what is
not is named by line, and a row that a quote would swallow is read as the row it is.
"""

import codecs
import gzip
import re
import zlib
from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from orchestration.landing.keys import SEEN, UNSEEN

# A longer record is no row of a business, and every reader has some limit.
MOST_BYTES = 2_000_000
_CHUNK = 1 << 22
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# What may stand between cells, the usual first; a first line `sep=;` names it as well.
DELIMITERS = (b",", b";", b"\t", b"|")
_NAMED_DELIMITER = re.compile(rb'"?sep=(.)"?', re.IGNORECASE)
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_OTHER_KINDS = {
    b"PAR1": "a Parquet file",
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\x1f\x8b": "a gzip file",
}

_INSIDE = rb'[^"]*+(?:""[^"]*+)*+'
_QUOTED = rb'"' + _INSIDE + rb'"'
STILL_OPEN = re.compile(_INSIDE)


class Grammar:
    """What a record looks like whose cells stand apart by one delimiter."""

    def __init__(self, delimiter: bytes) -> None:
        """Compile the patterns."""
        apart = re.escape(delimiter)
        # A quote behind other text is text, such as inches; only one that opens counts,
        # behind blanks at most, as some write them behind each comma.
        spaced = rb" *+" + _QUOTED + rb" *+(?=" + apart + rb"|\Z)"
        text = rb'[^"' + apart + rb"][^" + apart + rb"]*+"
        cell = rb"(?:" + spaced + rb"|" + _QUOTED + rb"|" + text + rb"|)"
        next_cells = rb"(?:" + apart + cell + rb")*+"
        self.delimiter = delimiter
        self.cell = re.compile(cell)
        self.quoted = re.compile(rb" *+" + _QUOTED + rb" *+")
        self.whole = re.compile(cell + next_cells)
        self.open = re.compile(rb"(?:" + cell + apart + rb')*?"' + _INSIDE)
        self.closed = re.compile(_INSIDE + rb'"' + next_cells)
        self.open_again = re.compile(
            _INSIDE + rb'"(?:' + apart + cell + rb")*?" + apart + rb'"' + _INSIDE
        )
        self._plain_cell = rb"(?:" + _QUOTED + rb'|[^"' + apart + rb"]*+)"

    def plain(self, names: int) -> Callable[[bytes], object]:
        """Return what matches a record of so many cells, no quote in them but pairs."""
        more = re.escape(self.delimiter) + self._plain_cell
        cells = self._plain_cell + rb"(?:" + more + rb"){%d}" % (names - 1)
        return re.compile(cells).fullmatch

    def cells_of(self, record: bytes) -> list[str]:
        """Return the cells of a whole record, without their quotes."""
        cells, at = [], 0
        while True:
            found = self.cell.match(record, at)
            assert found
            text = found.group().decode("utf-8")
            if self.quoted.fullmatch(found.group()):
                text = text.strip(" ")[1:-1].replace('""', '"')
            cells.append(text)
            if found.end() == len(record):
                return cells
            at = found.end() + 1

    def is_blank(self, line: bytes) -> bool:
        """Tell a line in which no cell holds anything."""
        return not line.replace(self.delimiter, b"").replace(b'""', b"").strip()


# How far down a header is looked for that does not stand above.
LINES_SEARCHED = 50

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
        opener = gzip.open if self.path.name.lower().endswith(".gz") else open
        return cast(BinaryIO, opener(self.path, "rb"))

    def chunks(self) -> Iterator[bytes]:
        """Read the file's bytes piece by piece, in UTF-8 and without a byte-order mark.

        Raises:
            UnreadableFileError: the file cannot be opened, is cut off, or is no text.
        """
        try:
            with self.opened() as stream:
                chunk = stream.read(_CHUNK).removeprefix(_BYTE_ORDER_MARK)
                self._refuse_another_kind(chunk)
                in_utf_8 = _decoder(chunk)
                while chunk:
                    following = stream.read(_CHUNK)
                    yield in_utf_8(chunk, not following)
                    chunk = following
        except UnicodeDecodeError as error:
            raise UnreadableFileError(
                f"{self.label}: unreadable file (it begins as UTF-16 and is not)"
            ) from error
        except EOFError as error:
            raise UnreadableFileError(
                f"{self.label}: unreadable file (the compressed file is cut off)"
            ) from error
        except gzip.BadGzipFile as error:
            raise UnreadableFileError(
                f"{self.label}: unreadable file (it is no gzip file: give it the right"
                " ending, or pack it anew)"
            ) from error
        except (OSError, zlib.error) as error:
            reason = (
                getattr(error, "strerror", None) or "the compressed file is damaged"
            )
            raise UnreadableFileError(
                f"{self.label}: unreadable file ({reason})"
            ) from error

    def _refuse_another_kind(self, chunk: bytes) -> None:
        for mark, kind in _OTHER_KINDS.items():
            if chunk.startswith(mark):
                raise UnreadableFileError(
                    f"{self.label}: unreadable file (it is {kind}, not a CSV file:"
                    " give it the right ending, or save it as CSV)"
                )

    @property
    def is_utf_16(self) -> bool:
        """Tell a file of two bytes a character, as Excel writes it as Unicode text."""
        with self.opened() as stream:
            return stream.read(2) in _UTF_16_MARKS


def _decoder(chunk: bytes) -> Callable[[bytes, bool], bytes]:
    """Return what turns the pieces of a file that begins so into UTF-8."""
    if not chunk.startswith(_UTF_16_MARKS):
        return lambda more, _: more
    decoder = codecs.getincrementaldecoder("utf-16")()
    return lambda more, is_last: decoder.decode(more, is_last).encode("utf-8")


COMMAS = Grammar(b",")


@dataclass(frozen=True)
class Header:
    """The names of a file's columns, in lower case, and what their cells must be."""

    names: tuple[str, ...]
    starts_on: int
    grammar: Grammar = COMMAS
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
    # Lines that are no UTF-8, read as Windows wrote them.
    recoded: list[int] = field(default_factory=list)

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


def _line_batches(
    file: CsvFile, recoded: list[int] | None = None
) -> Iterator[list[bytes]]:
    """Cut a file into lines, without their ends, and in UTF-8.

    A line that is not is read as Windows wrote it; `recoded` gets its number.
    """
    rest, passed = b"", 0
    for chunk in file.chunks():
        block = rest + chunk
        # A carriage return at the end may be half of a Windows line end.
        end = max(block.rfind(b"\n"), block.rfind(b"\r", 0, len(block) - 1)) + 1
        rest = block[end:]
        lines = _in_utf_8(block[:end], passed, recoded)
        passed += len(lines)
        yield lines
    if rest:
        yield _in_utf_8(rest, passed, recoded)


def _in_utf_8(block: bytes, passed: int, recoded: list[int] | None) -> list[bytes]:
    lines = block.splitlines()
    if _is_utf_8(block):
        return lines
    for at, line in enumerate(lines):
        if not _is_utf_8(line):
            lines[at] = line.decode("cp1252", errors="replace").encode("utf-8")
            if recoded is not None:
                recoded.append(passed + at + 1)
    return lines


def _is_utf_8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def plain_name(name: str) -> str:
    """Return a column's name as the contract writes it: `Account ID` is account_id."""
    return re.sub(r"[\s\u200b\ufeff_-]+", "_", name.strip(SEEN + UNSEEN).lower())


def read_header(file: CsvFile) -> Header:
    """Read the names in a file's header, the line it stands on, and what parts cells.

    Raises:
        UnreadableFileError: there is no header.
    """
    number, named = 0, None
    for batch in _line_batches(file):
        for line in batch:
            number += 1
            if named is None and (found := _NAMED_DELIMITER.fullmatch(line)):
                named = found[1]
            elif not is_blank_line(line, named):
                grammar = Grammar(named or _likely_delimiter(line))
                return Header(_names(file, line, number, grammar), number, grammar)
    raise UnreadableFileError(f"{file.label}: empty file, no header line")


def is_blank_line(line: bytes, delimiter: bytes | None = None) -> bool:
    """Tell a line in which nothing stands but what parts cells."""
    return Grammar(delimiter or _likely_delimiter(line)).is_blank(line)


def find_header(file: CsvFile, known: Collection[str]) -> int | None:
    """Return which of a file's first lines names all of these columns, if one does."""
    for number, line in enumerate(next(_line_batches(file), [])[:LINES_SEARCHED], 1):
        grammar = Grammar(_likely_delimiter(line))
        if grammar.whole.fullmatch(line):
            names = map(plain_name, grammar.cells_of(line))
            if set(known) <= set(names):
                return number
    return None


def _likely_delimiter(line: bytes) -> bytes:
    """Return what parts the most cells of a header."""
    return max(DELIMITERS, key=re.sub(_QUOTED, b"", line).count)


def _names(
    file: CsvFile, line: bytes, number: int, grammar: Grammar
) -> tuple[str, ...]:
    if not grammar.whole.fullmatch(line) or b"\0" in line:
        raise UnreadableFileError(
            f"{file.label}: unreadable file (line {number}, the header, is malformed)"
        )
    names = tuple(plain_name(name) for name in grammar.cells_of(line))
    if not any(names):
        raise UnreadableFileError(f"{file.label}: empty file, no header line")
    return names


def count_if_plain(file: CsvFile, header: Header) -> int | None:
    """Count the rows of a file in which every line is one well-formed record.

    Such a file the engine may read by itself. None: it may not.
    """
    grammar, apart = header.grammar, len(header.names) - 1
    is_plain = grammar.plain(len(header.names))
    if header.starts_on > 1 or file.is_utf_16:
        return None
    count, recoded = 0, []
    for batch in _line_batches(file, recoded):
        if recoded:
            return None
        for line in batch:
            if b'"' in line:
                if not is_plain(line):
                    return None
            elif line.count(grammar.delimiter) != apart:
                return None
            if grammar.is_blank(line):
                return None
            if b"\0" in line or len(line) > MOST_BYTES:
                return None
        count += len(batch)
    return count - 1


class Records:
    """Iterate over a file's whole records, each with the line it starts on."""

    def __init__(self, file: CsvFile, header: Header) -> None:
        """Read nothing yet."""
        self.header = header
        self.tally = Tally()
        self.grammar = header.grammar
        self.is_plain = self.grammar.plain(len(header.names))
        self._batches = _line_batches(file, self.tally.recoded)
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
            elif number <= self.header.starts_on:
                self.tally.headers += 1
            elif self.grammar.is_blank(line):
                # As spreadsheets write empty rows: `,,,`.
                self.tally.blank += 1
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
            return self._counted(number, line, line.count(self.grammar.delimiter) + 1)
        if self.is_plain(line):
            return line
        if self.grammar.whole.fullmatch(line):
            return self._counted(number, line, len(self.grammar.cells_of(line)))
        if self.grammar.open.fullmatch(line):
            return self._joined(number, line)
        self._refuse(number, "malformed line: text behind a closing quote")
        return None

    def _counted(self, number: int, record: bytes, cells: int) -> bytes | None:
        expected = len(self.header.names)
        if cells == expected:
            return record
        self._refuse(number, TOO_FEW if cells < expected else TOO_MANY)
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
                is_closed = bool(self.grammar.closed.fullmatch(found[1]))
                if not is_closed and not self.grammar.open_again.fullmatch(found[1]):
                    break
        record = b"\n".join([line, *(text for _, text in swallowed)])
        if (
            is_closed
            and not any(self._reads_as_row(text) for _, text in swallowed)
            and self._breaks_lines_in_words(self.grammar.cells_of(record))
        ):
            self.tally.continued += len(swallowed)
            return self._counted(number, record, len(self.grammar.cells_of(record)))
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
        if not self.grammar.whole.fullmatch(line):
            return False
        cells = self.grammar.cells_of(line)
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
    apart = header.grammar.delimiter
    with clean.open("wb") as stream:
        for number, record in records:
            is_plain = b'"' not in record or records.is_plain(record)
            text = record if is_plain else _requoted(header.grammar, record)
            stream.write(b"%d%b%b\n" % (number, apart, text))
    return records.tally


def _requoted(grammar: Grammar, record: bytes) -> bytes:
    doubled = (cell.replace('"', '""') for cell in grammar.cells_of(record))
    quoted = (f'"{cell}"'.encode() for cell in doubled)
    return grammar.delimiter.join(quoted)
