"""Make files and links survive a crash, and swap a link in one step."""

import errno
import os
import shutil
from pathlib import Path


class LinkError(Exception):
    """A name that must be a link, taken by a real folder."""


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_tree(folder: Path) -> None:
    """Force every file and folder below `folder` to disk, the folder itself last."""
    for path in sorted(folder.rglob("*"), reverse=True):
        _flush(path)
    _flush(folder)


def link_or_copy(source: Path | str, target: Path | str) -> None:
    """Let `target` be another name of `source`, or its copy on another file system."""
    try:
        os.link(source, target)
    except OSError as error:
        # Some file systems and containers know no links at all.
        if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP):
            raise
        shutil.copyfile(source, target)


def rename_durably(source: Path, target: Path) -> None:
    """Rename within one file system; after the return a crash cannot undo it."""
    source.replace(target)
    _flush(target.parent)


def target_of(link: Path) -> Path | None:
    """Return what a link of ours points to; None where there is none."""
    return link.readlink() if link.is_symlink() else None


def point_link(link: Path, target: str) -> None:
    """Make `link` a relative link to `target` in one atomic rename, old or not.

    Raises:
        LinkError: a real folder stands where the link belongs.
    """
    if target_of(link) == Path(target):
        return
    if link.is_dir() and not link.is_symlink():
        raise LinkError(f"{link} is a folder, not a link of ours: move it away")
    waiting = link.with_name(f".partial-{link.name}")
    waiting.unlink(missing_ok=True)
    waiting.symlink_to(target)
    rename_durably(waiting, link)


def remove_whole(folder: Path) -> None:
    """Delete a folder; a crash leaves the rest under a hidden name."""
    doomed = folder.with_name(f".removed-{folder.name}")
    # A run that was killed at this may have left one.
    shutil.rmtree(doomed, ignore_errors=True)
    folder.replace(doomed)
    shutil.rmtree(doomed)


def remove_leftovers(folder: Path) -> list[str]:
    """Delete what killed runs left in `folder`, and return the names."""
    found = [*folder.glob(".partial-*"), *folder.glob(".removed-*")]
    for path in found:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return sorted(path.name for path in found)
