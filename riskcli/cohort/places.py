"""Where a cohort's answers go: a file that appears whole or not at all, or standard output."""

from __future__ import annotations

import gzip
import os
import secrets
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from riskcli.cohort.formats import refused
from riskcli.errors import CaseError
from riskcli.records import STDIN
from riskcli.words import say


@contextmanager
def opened(path: str, packs: bool) -> Iterator[IO[bytes]]:
    """Give the file to write to: standard output, or one that appears whole; `packs` where `.gz` is meant.

    Raises:
        CaseError: it cannot be written.
    """
    if path == STDIN:
        with _standard_output() as stream:
            yield stream
        return
    with whole(path) as part, open(part, "wb") as file:
        if packs and path.endswith(".gz"):
            with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed:
                yield cast(IO[bytes], packed)
        else:
            yield file


@contextmanager
def _standard_output() -> Iterator[IO[bytes]]:
    """Give standard output."""
    if sys.stdout is None or sys.stdout.closed:
        raise refused(say("output_file.closed"))
    try:
        yield cast(IO[bytes], _Complete(sys.stdout.buffer))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unwritable(say("file.standard_output"), error.strerror) from None


class _Complete:
    """Standard output that takes all it is given: where Python does not buffer, a write may take a part."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Keep the stream."""
        self._stream = stream

    def write(self, data: bytes | memoryview) -> None:
        """Write all of some bytes."""
        left = memoryview(data)
        while left:
            left = left[self._stream.write(left) :]


@dataclass(frozen=True)
class _Part:
    """A file that is written beside the one that is meant, or that one itself where it is a device."""

    path: str
    """The file that is meant, as it was given."""
    name: str
    permissions: int
    """Those that it is to end with."""
    target: Path

    def appear(self) -> None:
        """Become the file that is meant.

        Raises:
            OSError: the system refuses.
        """
        if self.name != str(self.target):
            os.chmod(self.name, self.permissions)
            os.replace(self.name, self.target)

    def vanish(self) -> None:
        """Leave nothing behind."""
        if self.name != str(self.target) and os.path.exists(self.name):
            os.unlink(self.name)


_HELD_BACK: ContextVar[list[_Part] | None] = ContextVar("held_back", default=None)
"""What was written and is to appear with other files."""


@contextmanager
def together() -> Iterator[None]:
    """Let the files that are written inside appear at the end when all went well, and none of them otherwise.

    That the reader of standard output has gone is nothing wrong.

    Raises:
        CaseError: one cannot be put in its place.
    """
    parts: list[_Part] = []
    outer = _HELD_BACK.set(parts)
    try:
        yield
        _appear(parts)
    except BrokenPipeError:
        _appear(parts)
        raise
    finally:
        _HELD_BACK.reset(outer)
        for part in parts:
            part.vanish()


def _appear(parts: list[_Part]) -> None:
    """Put files in their places."""
    for part in parts:
        try:
            part.appear()
        except OSError as error:
            raise _unwritable(part.path, error.strerror) from None


def check_place(path: str) -> None:
    """Refuse a file that cannot be begun, before the work for it is done.

    Raises:
        CaseError: it cannot be written there.
    """
    if path != STDIN:
        _part(path).vanish()


@contextmanager
def whole(path: str) -> Iterator[str]:
    """Give the name of a file to write, which becomes `path` when all went well and is removed otherwise.

    What is no regular file, such as a device, is written to as it is. Inside of `together`, the file appears
    with the others.

    Raises:
        CaseError: it cannot be written there.
    """
    part, held_back, done = _part(path), _HELD_BACK.get(), False
    try:
        yield part.name
        if held_back is None:
            part.appear()
        else:
            held_back.append(part)
        done = True
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from None
    finally:
        if held_back is None or not done:
            part.vanish()


def _part(path: str) -> _Part:
    """Begin a file.

    Raises:
        CaseError: it cannot be written there.
    """
    try:
        target = Path(os.path.realpath(path))
        return _Part(path, *_beside(path, target), target)
    except ValueError:  # a name that no file can have
        raise _unwritable(path, say("output_file.no_such_name")) from None


@contextmanager
def temporary_beside(path: str) -> Iterator[None]:
    """Let libraries put their temporary files beside a file, and leave none of them behind."""
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(
        dir=Path(os.path.realpath(path)).parent, prefix=".riskcli-"
    ) as directory:
        tempfile.tempdir = directory
        try:
            yield
        finally:
            tempfile.tempdir = before


def same_file(one: str, other: str) -> bool:
    """Say whether two names are one file or directory, whatever the spelling and the links.

    Example:
        >>> same_file("answers.json", "./answers.json"), same_file("a.json", "b.json")
        (True, False)
    """
    try:
        names = {os.path.normcase(os.path.realpath(name)) for name in (one, other)}
        return len(names) == 1 or os.path.samefile(one, other)
    except (OSError, ValueError):  # one is not there, or is no name of a file
        return False


def is_device(path: str) -> bool:
    """Say whether what stands there is neither a file nor a directory: each may be written to twice."""
    with suppress(ValueError):
        return os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)
    return False


def is_standard_input(path: str) -> bool:
    """Say whether a file is what standard input is read from."""
    try:
        return os.path.samestat(os.fstat(sys.stdin.fileno()), os.stat(path))
    except (AttributeError, OSError, ValueError):  # closed, or no file of the system
        return False


def _beside(path: str, target: Path) -> tuple[str, int]:
    """Make an empty file beside the one that is meant; return its name and the permissions it is to end with.

    Until then nobody else may read it. A new file tells what permissions the system gives to new files.
    """
    try:
        if target.is_dir():
            raise refused(say("output_file.directory", name=path))
        if target.exists() and not target.is_file():
            return str(target), 0
        if target.exists() and not os.access(target, os.W_OK):
            raise _unwritable(path, say("output_file.read_only"))
        name = str(target.parent / f".riskcli-{secrets.token_hex(8)}.part")
        os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        like = target if target.exists() else Path(name)
        permissions = stat.S_IMODE(like.stat().st_mode) & 0o777
        os.chmod(name, 0o600)
    except OSError as error:
        raise _unwritable(path, error.strerror) from None
    return name, permissions


def _unwritable(path: str, reason: str | None) -> CaseError:
    """Say that something cannot be written."""
    return refused(say("output_file.unwritable", name=path, reason=reason or say("file.no_reason")))
