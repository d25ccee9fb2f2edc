"""The sentences of the program, from `rules/words.yaml`: a translation is another file of that name.

Nothing is loaded before the first sentence is wanted: an answer in JSON needs none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from riskcli.errors import listed, nearest
from riskcli.packaged import BUILT, packaged_directory

FILE = "words.yaml"


def say(key: str, /, **values: object) -> str:
    """Return the sentence of a key such as `cohort.strict`, with values put in where it names them.

    Raises:
        KeyError: there is no such sentence, or it wants a value that is not given.
    Example:
        >>> say("counts.row.several", number="1,200")
        '1,200 rows'
    """
    sentence: Any = _sentences()
    for part in key.split("."):
        sentence = sentence[part]
    return str(sentence).format(**values)


def section(key: str) -> Mapping[str, Any]:
    """Return all the sentences of a section, as they are written.

    Example:
        >>> section("counts")["row"]["one"]
        '1 row'
    """
    found: Any = _sentences()
    for part in key.split("."):
        found = found[part]
    assert isinstance(found, dict)
    return found


def say_many(key: str, number: int, /, **values: object) -> str:
    """Return the sentence of a key for a number of things: its form for one, or that for several.

    Example:
        >>> say_many("counts.row", 1200)
        '1,200 rows'
    """
    return say(f"{key}.{'one' if number == 1 else 'several'}", number=f"{number:,}", **values)


def counted(number: int, thing: str) -> str:
    """Return a number of things of the section `counts`.

    Example:
        >>> counted(1, "row"), counted(1200, "row")
        ('1 row', '1,200 rows')
    """
    return say_many(f"counts.{thing}", number)


def rounded(value: float | None) -> float | None:
    """Return a figure with as many places as data for people need.

    Example:
        >>> rounded(0.123456), rounded(None)
        (0.1235, None)
    """
    return None if value is None else round(value, 4)


def all_of(words: Sequence[str]) -> str:
    """Return words as a person lists them, the last with `and`.

    Example:
        >>> all_of(["grade", "nodes", "size"])
        'grade, nodes and size'
    """
    return listed(words, say("lists.and"))


def any_of(words: Sequence[str]) -> str:
    """Return words as a person lists them, the last with `or`.

    Example:
        >>> any_of(["low", "high"])
        'low or high'
    """
    return listed(words, say("lists.or"))


def hint(name: str, names: Iterable[str]) -> str:
    """Return a question after the nearest of `names`, or nothing.

    Example:
        >>> hint("node_positive", ["nodes_positive", "grade"])
        '; did you mean nodes_positive?'
    """
    found = nearest(name, names)
    return say("hints.did_you_mean", names=any_of(found)) if found else ""


def build(target: Path = BUILT) -> Path:
    """Write the sentences into a directory in the form that is read fastest."""
    path = target / "words.json"
    path.write_text(json.dumps({"digest": _digest(), "words": _read()}, ensure_ascii=False), encoding="utf-8")
    return path


@cache
def _sentences() -> dict[str, Any]:
    """Return the sentences: those that were built while they are up to date."""
    try:
        built = json.loads((BUILT / "words.json").read_bytes())
        if built["digest"] == _digest():
            return dict(built["words"])
    except (OSError, ValueError, KeyError):
        pass
    return _read()


def _digest() -> str:
    """Return the SHA-256 of the file."""
    return hashlib.sha256((packaged_directory() / FILE).read_bytes()).hexdigest()


def _read() -> dict[str, Any]:
    """Read the file itself."""
    from riskcli.yaml_source import read_document

    path = packaged_directory() / FILE
    return dict(read_document(path.read_text(encoding="utf-8"), FILE).data)
