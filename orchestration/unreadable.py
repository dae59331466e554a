"""Name what is there and cannot be read, in words for the person who reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb


class UnreadableError(Exception):
    """A file of ours that is damaged; the message says which, and what to do."""


@contextmanager
def reading(path: Path, way_out: str) -> Iterator[None]:
    """Refuse a damaged file by its name.

    Raises:
        UnreadableError: what is done within cannot read it.
    """
    try:
        yield
    except (ValueError, KeyError, duckdb.Error) as error:
        reason = str(error).splitlines()[0]
        raise UnreadableError(
            f"{path} cannot be read ({type(error).__name__}: {reason}). {way_out}"
        ) from error
