"""Finding, reading and caching rule tables. Heavy parts (YAML, models) load only when nothing is built.

A table is looked for in the directories of a `Rules`, the last one first. The packaged tables are compiled
when the package is built; a compiled file is used only while its digest is that of the rule files.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskcli import built
from riskcli.compiled import Compiled
from riskcli.errors import CaseError, Fault, RuleFileError
from riskcli.headings import Heading, heading_data, no_table
from riskcli.packaged import BUILT, packaged_directory
from riskcli.values import phrase
from riskcli.words import FILE as WORDS
from riskcli.words import build as build_words
from riskcli.words import say

if TYPE_CHECKING:
    from riskcli.tables import Common, Table, Vocabulary, Word
    from riskcli.yaml_source import Document

__all__ = [
    "COMMON",
    "EXPLAIN",
    "NOT_TABLES",
    "PATIENT",
    "VOCABULARY",
    "Heading",
    "Rules",
    "load_rules",
    "packaged_directory",
    "search",
]

COMMON, VOCABULARY, EXPLAIN = "common.yaml", "vocabulary.yaml", "explain.yaml"
PATIENT = "patient.yaml"
NOT_TABLES = frozenset({COMMON, VOCABULARY, EXPLAIN, PATIENT, WORDS, "hazards.yaml"})
"""The files of the rules that are no table."""


class Rules:
    """The tables of the packaged directory and of any directory or file added to it.

    A later place replaces an earlier one's table of the same cancer. A `vocabulary.yaml` beside a table
    adds to the packaged one, for that table only; a `common.yaml` beside it stands instead of the packaged
    one. Files are read once: make new `Rules` to see what has changed since. Thread-safe.

    Example:
        >>> "breast" in Rules().names
        True
    """

    def __init__(self, *places: Path | str, unchecked: bool = False) -> None:
        """Look in the packaged rules and in `places`; `unchecked` is said of every table from there.

        Raises:
            RuleFileError: a place does not exist or holds no table.
        """
        self._files: dict[str, Path] = {}
        self._tables: dict[str, Compiled] = {}
        self._index: dict[str, Heading] = {}
        self._lock = threading.RLock()
        self.packaged = packaged_directory()
        self.unchecked = unchecked
        self.places = tuple(Path(place) for place in places)
        for place in (self.packaged, *self.places):
            self._files.update((path.stem, path.absolute()) for path in _tables_at(place))

    @property
    def names(self) -> tuple[str, ...]:
        """The cancers that have a table, sorted."""
        return tuple(sorted(self._files))

    def file(self, name: str) -> Path:
        """Return the rule file of a cancer."""
        return self._files[name]

    def origin(self, name: str) -> str:
        """Return `packaged`, or the file of a table from elsewhere, and whether it went unchecked."""
        path = self._files[name]
        if path.parent == self.packaged:
            return "packaged"
        return f"{path} (unchecked)" if self.unchecked else str(path)

    def _notices(self, table: Compiled) -> tuple[str, ...]:
        """Say when the packaged table that a local one is based on has moved."""
        base = table.table.get("based_on")
        if not base or table.origin == "packaged" or not (self.packaged / f"{table.name}.yaml").is_file():
            return ()
        packaged = Rules()
        if packaged.digest(table.name) == base["digest"]:
            return ()
        now = packaged.index[table.name].edition
        return (say("case.base_changed", edition=base["edition"], cancer=table.name, now=now),)

    def get(self, name: str) -> Compiled:
        """Return one table, ready to answer.

        Raises:
            CaseError: there is no table of that name; the sentence says what there is.
            RuleFileError: the rule file is faulty.
        """
        with self._lock:
            if name not in self._tables:
                if name not in self._files:
                    raise self.no_table(name)
                self._tables[name] = self._built(name) or self.compile(name)
            return self._tables[name]

    def _built(self, name: str) -> Compiled | None:
        """Return the compiled file of a packaged table while it is up to date."""
        if self.origin(name) != "packaged":
            return None
        table = built.read_table(name, self.digest(name))
        return table and _with_variants(table, self, name)

    def compile(self, name: str) -> Compiled:
        """Read one table's YAML and compile it.

        Raises:
            RuleFileError: the rule file is faulty.
        """
        table = self._compile(name, frozenset())
        return _with_variants(replace(table, notices=self._notices(table)), self, name)

    def _compile(self, name: str, without: frozenset[int]) -> Compiled:
        """Compile one table, some of its impossible rows left out."""
        from riskcli.compiling import TableFaults, compile_table

        document, table = self.read(name)
        try:
            return compile_table(
                table, self.common(name), self.vocabulary(name), self.digest(name), self.origin(name), without
            )
        except TableFaults as error:
            raise RuleFileError([document.fault(path, text) for path, text in error.found]) from None

    def digest(self, name: str) -> str:
        """Return the SHA-256 of a table with the common words and the vocabulary it is read with."""
        shared = (*self._shared(name, COMMON)[:1], *self._shared(name, VOCABULARY))
        return _digest([self._files[name], *shared])

    def _shared(self, name: str, file: str) -> list[Path]:
        """Return the packaged shared file and, before it, the one beside a local table."""
        beside = self._files[name].parent / file
        packaged = self.packaged / file
        return [packaged] if beside == packaged or not beside.is_file() else [beside, packaged]

    def read(self, name: str) -> tuple[Document, Table]:
        """Return a table's file and its model.

        Raises:
            RuleFileError: the rule file is faulty.
        """
        from riskcli.rule_files import read_table

        return read_table(self._files[name])

    def common(self, name: str) -> Common:
        """Return the common words that hold for a table."""
        from riskcli.rule_files import read_common

        return read_common(self._shared(name, COMMON)[0])

    def vocabulary(self, name: str) -> Vocabulary:
        """Return the vocabulary that holds for a table: the packaged one and what is added beside it."""
        from riskcli.rule_files import read_vocabulary

        merged: dict[str, dict[str, Word]] = {}
        for path in reversed(self._shared(name, VOCABULARY)):
            for cancer, words in read_vocabulary(path).items():
                merged[cancer] = {**merged.get(cancer, {}), **words}
        return merged

    @property
    def index(self) -> dict[str, Heading]:
        """The heading of every table; none is compiled for it.

        Raises:
            RuleFileError: a rule file is faulty.
        """
        return {name: self._heading(name) for name in self.names}

    def _heading(self, name: str) -> Heading:
        """Return the heading of one table."""
        with self._lock:
            if name not in self._index:
                digest, origin = self.digest(name), self.origin(name)
                saved = self._built_index.get("tables", {}).get(name, {}) if origin == "packaged" else {}
                if saved.get("digest") != digest:
                    saved = self.read(name)[1].model_dump(mode="json")
                self._index[name] = Heading(
                    name,
                    saved["title"],
                    tuple(saved["also_called"]),
                    saved["edition"],
                    saved["status"],
                    digest,
                    origin,
                )
            return self._index[name]

    def _sound_headings(self) -> Iterator[Heading]:
        """Give the headings of the tables that can be read."""
        for name in self.names:
            try:
                yield self._heading(name)
            except RuleFileError:  # it is reported when its own cancer is asked for
                continue

    @cached_property
    def _built_index(self) -> dict[str, Any]:
        """The index made when the package was built; nothing when there is none."""
        return built.read("index")

    def _built_shared(self, key: str) -> list[Any] | None:
        """Return a part of the built index while the packaged shared files are those it was made from."""
        found: list[Any] | None = self._built_index.get(key)
        return found if self._built_index.get("shared") == self._shared_digest() else None

    @property
    def excluded(self) -> list[dict[str, Any]]:
        """The cancers that no table covers: their names and what to say."""
        found = self._built_shared("excluded")
        if found is not None:
            return found
        from riskcli.rule_files import read_common

        return [item.model_dump(mode="json") for item in read_common(self.packaged / COMMON).excluded]

    @property
    def planned(self) -> list[str]:
        """The cancers of the vocabulary that have no table."""
        return [name for name in self._cancers() if name not in self._files and name != "common"]

    def _cancers(self) -> list[str]:
        """Return the sections of the packaged vocabulary."""
        found = self._built_shared("cancers")
        if found is not None:
            return found
        from riskcli.rule_files import read_vocabulary

        return list(read_vocabulary(self.packaged / VOCABULARY))

    def _shared_digest(self) -> str:
        """Return the SHA-256 of the packaged shared files."""
        return _digest([self.packaged / COMMON, self.packaged / VOCABULARY])

    def no_table(self, name: str) -> CaseError:
        """Say what there is instead of a cancer without a table, and what is known of it."""
        return no_table(name, self.names, self.excluded, self.planned, self._sound_headings())

    def build(self, target: Path = BUILT) -> list[Path]:
        """Write every packaged table compiled, and the index, into `target`; nothing else stays there.

        Raises:
            RuleFileError: a rule file is faulty.
        """
        names = [name for name in self.names if self.origin(name) == "packaged"]
        tables = {name: self.compile(name) for name in names}
        index = {
            "shared": self._shared_digest(),
            "excluded": self.excluded,
            "cancers": self._cancers(),
            "tables": {name: heading_data(table) for name, table in tables.items()},
        }
        return [*built.write(target, tables, index), build_words(target)]


def _tables_at(place: Path) -> list[Path]:
    """Return the rule tables of a directory, or the one file.

    Raises:
        RuleFileError: there is none.
    """
    if place.is_file():
        if place.suffix != ".yaml" or place.name in NOT_TABLES:
            raise RuleFileError([Fault(str(place), 0, "is not a rule table; give a file CANCER.yaml")])
        return [place]
    if not place.is_dir():
        message = "does not exist; give a rule table (CANCER.yaml) or a directory of them"
        raise RuleFileError([Fault(str(place), 0, message)])
    found = sorted(path for path in place.glob("*.yaml") if path.name not in NOT_TABLES)
    if not found:
        raise RuleFileError([Fault(str(place), 0, "holds no rule table (a file CANCER.yaml)")])
    return found


def _digest(paths: Sequence[Path]) -> str:
    """Return the SHA-256 of files, whatever ends their lines.

    Raises:
        RuleFileError: a file cannot be read.
    """
    digest = hashlib.sha256()
    for path in paths:
        try:
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
        except OSError as error:
            raise RuleFileError([Fault(str(path), 0, f"cannot be read ({error.strerror})")]) from None
    return digest.hexdigest()


def _with_variants(table: Compiled, rules: Rules, name: str) -> Compiled:
    """Give a table the means to leave impossible rows out, each set compiled once."""

    @lru_cache(maxsize=64)
    def without(rows: frozenset[int]) -> Compiled:
        return replace(rules._compile(name, rows), notices=table.notices)

    return replace(table, without=without)


@lru_cache(maxsize=8)
def load_rules(*places: Path | str, unchecked: bool = False) -> Rules:
    """Return the packaged rules, with the tables of `places` added or replaced; the same ones every time.

    Raises:
        RuleFileError: a place does not exist or holds no table. A faulty table is reported when it is
            first asked for.
    """
    return Rules(*places, unchecked=unchecked)


def search(rules: Rules, text: str) -> Sequence[Heading]:
    """Return the tables whose name, title or other names contain `text`.

    Example:
        >>> [heading.cancer for heading in search(Rules(), "bowel")][:1]
        ['colon']
    """
    return [heading for heading in rules.index.values() if heading.is_called(phrase(text))]
