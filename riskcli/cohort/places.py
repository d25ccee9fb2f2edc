"""Where a cohort's answers go: a file that appears whole or not at all, or standard output."""

from __future__ import annotations

import gzip
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def whole(path: str) -> Iterator[str]:
    """Give the name of a file to write, which becomes `path` when all went well and is removed otherwise.

    What is no regular file, such as a device, is written to as it is.

    Raises:
        CaseError: it cannot be written there.
    """
    try:
        target = Path(os.path.realpath(path))
        name = _beside(path, target)
    except ValueError:  # a name that no file can have
        raise _unwritable(path, say("output_file.no_such_name")) from None
    try:
        yield name
        if name != str(target):
            os.chmod(name, target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
            os.replace(name, target)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from None
    finally:
        if name != str(target) and os.path.exists(name):
            os.unlink(name)


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


def _beside(path: str, target: Path) -> str:
    """Make an empty file beside the one that is meant, and return its name."""
    try:
        if target.is_dir():
            raise refused(say("output_file.directory", name=path))
        if target.exists() and not target.is_file():
            return str(target)
        if target.exists() and not os.access(target, os.W_OK):
            raise _unwritable(path, say("output_file.read_only"))
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".riskcli-", suffix=".part")
        os.close(handle)
    except OSError as error:
        raise _unwritable(path, error.strerror) from None
    return name


def _umask() -> int:
    """Return the permissions that new files are denied."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(path: str, reason: str | None) -> CaseError:
    """Say that something cannot be written."""
    return refused(say("output_file.unwritable", name=path, reason=reason or say("file.no_reason")))
