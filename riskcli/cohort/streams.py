"""The bytes of a text file as whole records in UTF-8, whatever they were before, in bounded memory."""

from __future__ import annotations

import codecs
import sys
import weakref
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from riskcli.cohort.formats import look_at, refused
from riskcli.errors import CaseError
from riskcli.records import STDIN, unreadable
from riskcli.words import say

CHUNK = 24_000_000
"""The bytes that are read of a text file at once."""
LONGEST = 16_000_000
"""The longest record of a text file: more is a quote that was never closed."""
QUOTE, NEWLINE = b'"', b"\n"

_GZIP = 31
"""What tells zlib that data are in gzip format."""
_PACKED = 1_000_000
"""The bytes that are read of a compressed file at once."""
_GZIP_MARK = b"\x1f\x8b"
_BINARY = (b"PK\x03\x04", b"PAR1", b"%PDF", b"\xd0\xcf\x11\xe0")
_LONGEST_MARK = 4
_MARKS = (
    (codecs.BOM_UTF8, None),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def not_utf8(name: str) -> CaseError:
    """Say that a text is in another encoding."""
    return refused(say("file.not_utf8", name=name))


class _Bytes:
    """The bytes of a file, unpacked where it is compressed."""

    def __init__(self, file: IO[bytes], name: str, piece: int) -> None:
        """Look at how the file begins; `piece` is about the most that is read at once."""
        self.name = name
        self._piece = piece
        self.taken = 0
        """The bytes that were taken of the file."""
        self._file = file
        self._waiting = self._take(_LONGEST_MARK)
        if self._waiting in _BINARY:
            raise refused(say("cohort_file.not_text", name=name))
        self._gunzip = zlib.decompressobj(_GZIP) if self._waiting.startswith(_GZIP_MARK) else None

    def _take(self, most: int) -> bytes:
        """Return the next bytes of the file."""
        try:
            data = self._file.read(most)
        except OSError as error:
            raise refused(unreadable(self.name, error)) from None
        self.taken += len(data)
        return data

    def read(self) -> bytes:
        """Return the next bytes, at most about a piece; nothing at the end.

        Raises:
            CaseError: the compressed data are damaged or end too early.
        """
        if self._gunzip is None:
            found, self._waiting = self._waiting, b""
            return found + self._take(self._piece)
        while data := self._waiting or self._take(_PACKED):
            if self._gunzip.eof:  # another part follows, or nothing but padding
                data = data.lstrip(b"\0")
                self._gunzip = zlib.decompressobj(_GZIP) if data else self._gunzip
            self._waiting = b""
            if data and (found := self._unpack(data)):
                return found
        if not self._gunzip.eof:
            raise refused(say("cohort_file.data_end", name=self.name))
        return b""

    def _unpack(self, data: bytes) -> bytes:
        """Return bytes as they were before they were compressed, and keep what is left."""
        assert self._gunzip is not None
        try:
            found = self._gunzip.decompress(data, self._piece)
        except zlib.error:
            raise refused(say("cohort_file.data_damaged", name=self.name)) from None
        self._waiting = self._gunzip.unconsumed_tail or self._gunzip.unused_data
        return found


class Stream:
    """The text of a file, or of standard input when `path` is `-`, in UTF-8 and without a mark."""

    def __init__(self, path: str, name: str, piece: int | None = None) -> None:
        """Open the file and find out how it is encoded; `piece` is how much is read at once, if not `CHUNK`.

        Raises:
            CaseError: it cannot be opened, or is no text.
        """
        self.name = name
        self.size: int | None = None
        self.rows = 0
        """How many records were read so far; who reads them counts them."""
        self._bytes = _Bytes(self._open(path), name, piece or CHUNK)
        self._pending = self._bytes.read()
        while len(self._pending) < _LONGEST_MARK and (more := self._bytes.read()):
            self._pending += more
        self._decoder: codecs.IncrementalDecoder | None = None
        for mark, encoding in _MARKS:
            if self._pending.startswith(mark):
                self._pending = self._pending[len(mark) :]
                self._decoder = codecs.getincrementaldecoder(encoding)() if encoding else None
                self._pending = self._utf8(self._pending)
                break

    def _open(self, path: str) -> IO[bytes]:
        """Open the file."""
        if path == STDIN:
            if sys.stdin is None or sys.stdin.closed:
                raise refused(say("cohort_file.standard_input_closed"))
            return sys.stdin.buffer
        look_at(path)
        file = Path(path).open("rb")  # noqa: SIM115 - read batch by batch
        weakref.finalize(self, file.close)
        self.size = Path(path).stat().st_size or None
        return file

    @property
    def decoded(self) -> bool:
        """Whether the text was in another encoding, as its mark said, and is given in UTF-8."""
        return self._decoder is not None

    def done(self) -> int:
        """Return how many bytes of the file were read."""
        return self._bytes.taken

    def _utf8(self, data: bytes) -> bytes:
        """Return bytes in UTF-8; no bytes are the end of the text."""
        if self._decoder is None:
            return data
        try:
            return self._decoder.decode(data, final=not data).encode()
        except UnicodeDecodeError:
            raise not_utf8(self.name) from None

    def read(self) -> bytes:
        """Return the next bytes; nothing at the end.

        Raises:
            CaseError: they cannot be read, or the text ends inside a character.
        """
        found, self._pending = self._pending, b""
        while not found:
            data = self._bytes.read()
            found = self._utf8(data)
            if not data:
                break
        return found

    def chunks(self, quoted: bool = True) -> Iterator[bytes]:
        """Give the text in pieces that end where a record ends.

        Raises:
            CaseError: a record is too long to be one.
        """
        rest, ended = b"", False
        while not ended:
            data = self.read()
            ended = not data
            if not ended and len(rest) + len(data) < CHUNK // 2:
                rest += data
                continue
            plain = not (quoted and (QUOTE in rest or QUOTE in data))
            end = data.rfind(NEWLINE) + 1 if plain else 0
            if end:  # the usual case, with one copy
                yield b"".join((rest, memoryview(data)[:end]))
                rest = data[end:]
                continue
            rest += data
            end = len(rest) if ended else record_end(rest, quoted)
            if end:
                yield rest[:end]
                rest = rest[end:]
            if len(rest) > LONGEST + CHUNK:
                where = {"name": self.name, "row": self.rows + 1}
                raise refused(say("cohort_file.long_record", **where, megabytes=LONGEST // 1_000_000))


def record_end(text: bytes, quoted: bool = True) -> int:
    r"""Return where the last whole record ends: after a line end with an even number of quotes before it.

    Example:
        >>> record_end(b'a,b\n"c\nd",e\n"f\ng'), record_end(b"a\rb\r")
        (12, 2)
    """
    end = _line_end(text, NEWLINE, len(text), quoted)
    return end or _line_end(text, b"\r", len(text) - 1, quoted)  # old line ends, not the first half of one


def _line_end(text: bytes, mark: bytes, stop: int, quoted: bool) -> int:
    """Return where the last line that ends with a mark ends, outside of quotes."""
    end = text.rfind(mark, 0, max(stop, 0)) + 1
    inside = quoted and text.count(QUOTE, 0, end) % 2 == 1
    while inside and end:
        before = text.rfind(mark, 0, end - 1) + 1
        inside = text.count(QUOTE, before, end) % 2 == 0
        end = before
    return end
