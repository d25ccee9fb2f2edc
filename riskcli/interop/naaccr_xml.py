"""Registry data in NAACCR XML: one record of items a tumour, while the file is read. Decides nothing.

The parser is told to refuse what such a file never has and an attacker might use: document types, entities,
deep nesting and endless pieces. No tree is built: what is kept is one patient's and one tumour's items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from riskcli.errors import CaseError, Problem
from riskcli.words import say

_PIECE = 256_000
"""The bytes that are parsed at once."""
_LONGEST_MARK = 16_000_000
"""The bytes of one tag, comment or the like: more is an attack or damage."""
_LONGEST_CODE = 2_000
"""The characters of an item that is read."""
_DEEPEST = 20
_NAMESPACE = "http://naaccr.org/naaccrxml"
_ROOT, _PATIENT, _TUMOUR, _ITEM = "NaaccrData", "Patient", "Tumor", "Item"


class XmlRefused(CaseError):
    """The file is no NAACCR XML, or is not to be trusted."""


@dataclass
class Tumour:
    """One tumour: its items with those of the patient."""

    items: dict[str, str]
    wrong: list[str] = field(default_factory=list)
    """What is wrong with the record itself."""


def tumours(
    pieces: Iterable[bytes], item_of: Callable[[str], str | None], name: str, utf8: bool = False
) -> Iterator[Tumour]:
    """Give every tumour of a NAACCR XML file.

    `item_of` gives the item that an id or a number stands for, None for one that is not wanted. `utf8` says
    that the pieces are in UTF-8 whatever the file declares.

    Raises:
        XmlRefused: the file is no such XML, is damaged, or holds what such files never have.
    Example:
        >>> text = b'<NaaccrData xmlns="http://naaccr.org/naaccrxml"><Patient><Item naaccrId="sex">2</Item>'
        >>> text += b'<Tumor><Item naaccrId="grade">3</Item></Tumor></Patient></NaaccrData>'
        >>> next(tumours([text], {"sex": "sex"}.get, "x.xml")).items
        {'sex': '2'}
    """
    parser = _Parser(item_of, name, utf8)
    for piece in pieces:
        for start in range(0, len(piece), _PIECE):
            parser.feed(piece[start : start + _PIECE])
            yield from parser.taken()
    parser.feed(b"", final=True)
    yield from parser.taken()


class _Parser:
    """Keeps what belongs to the patient and the tumour that are being read."""

    def __init__(self, item_of: Callable[[str], str | None], name: str, utf8: bool) -> None:
        """Set up the parser so that it refuses what it is not to follow."""
        self._item_of = item_of
        self._name = name
        self._fed = 0
        self._path: list[str] = []
        self._patient: dict[str, str] = {}
        self._patient_wrong: list[str] = []
        self._tumour: Tumour | None = None
        self._had_tumour = False
        self._item: str | None = None
        self._text: list[str] = []
        self._length = 0
        self._found: list[Tumour] = []
        parser = expat.ParserCreate("UTF-8" if utf8 else None, " ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._document_type
        parser.EntityDeclHandler = self._document_type
        parser.ExternalEntityRefHandler = self._document_type
        self._parser = parser

    def taken(self) -> list[Tumour]:
        """Return the tumours that were read since the last time."""
        found, self._found = self._found, []
        return found

    def feed(self, data: bytes, final: bool = False) -> None:
        """Parse a piece.

        Raises:
            XmlRefused: it cannot be parsed, or one part of it never ends.
        """
        self._fed += len(data)
        try:
            self._parser.Parse(data, final)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise self._refused("damaged", reason=reason) from None
        except (
            LookupError,
            ValueError,
        ):  # of Python's codecs: an encoding that is not known, or of several bytes
            raise self._refused("encoding") from None
        if self._fed - max(self._parser.CurrentByteIndex, 0) > _LONGEST_MARK:
            raise self._refused("endless", most=_LONGEST_MARK // 1_000_000)

    def _refused(self, why: str, **values: object) -> XmlRefused:
        """Word why the file is refused, with the line."""
        line = self._parser.CurrentLineNumber
        message = say(f"registry.xml.{why}", name=self._name, line=line, **values)
        return XmlRefused([Problem(None, None, message)])

    def _document_type(self, *_: Any) -> int:
        """Refuse a document type, which could declare entities."""
        raise self._refused("document_type")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        space, _, name = tag.rpartition(" ")
        if not self._path and name != _ROOT:
            raise self._refused("root", found=name[:_LONGEST_CODE])
        if not self._path and space not in ("", _NAMESPACE):
            raise self._refused("namespace", found=space[:_LONGEST_CODE], wanted=_NAMESPACE)
        if len(self._path) >= _DEEPEST:
            raise self._refused("deep")
        if name == _PATIENT and len(self._path) == 1:
            self._patient, self._patient_wrong, self._had_tumour = {}, [], False
        elif name == _TUMOUR and self._path[1:] == [_PATIENT]:
            self._tumour = Tumour(dict(self._patient), list(self._patient_wrong))
        elif name == _ITEM and self._path[-1] in (_PATIENT, _TUMOUR):
            self._begin_item(attributes)
        self._path.append(name)

    def _begin_item(self, attributes: dict[str, str]) -> None:
        """Take the beginning of an item."""
        said = attributes.get("naaccrId") or attributes.get("naaccrNum") or ""
        self._item, self._text, self._length = self._item_of(said), [], 0
        if self._item is not None and self._had_tumour and self._path[-1] == _PATIENT:
            raise self._refused("late_item", item=self._item)

    def _characters(self, text: str) -> None:
        """Take text, where it belongs to an item that is wanted."""
        if self._item is None:
            return
        self._length += len(text)
        if self._length > _LONGEST_CODE:
            raise self._refused("long_item", item=self._item, most=_LONGEST_CODE)
        self._text.append(text)

    def _end(self, _: str) -> None:
        """Take the end of an element."""
        name = self._path.pop()
        if name == _ITEM and self._item is not None:
            self._end_item(self._item, "".join(self._text).strip())
            self._item = None
        elif name == _TUMOUR and self._tumour is not None and self._path[1:] == [_PATIENT]:
            self._found.append(self._tumour)
            self._tumour, self._had_tumour = None, True

    def _end_item(self, item: str, text: str) -> None:
        """Keep an item of the tumour or the patient; one that stands there twice is wrong."""
        items = self._patient if self._tumour is None else self._tumour.items
        wrong = self._patient_wrong if self._tumour is None else self._tumour.wrong
        if items.get(item, text) != text:
            wrong.append(say("registry.twice", item=item))
        items[item] = text
