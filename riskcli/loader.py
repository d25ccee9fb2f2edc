"""Finding, reading and caching rule tables. Heavy parts (YAML, models) load only when nothing is built.

A table is looked for in the directories of a `Rules`, the last one first. The packaged tables are compiled
when the package is built; a compiled file is used only while its digest is that of the rule files.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskcli.compiled import Compiled
from riskcli.errors import CaseError, Fault, OutOfScope, Problem, RuleFileError, hint, listed

if TYPE_CHECKING:
    from riskcli.tables import Common, Table, Vocabulary
    from riskcli.yaml_source import Document

PACKAGE = Path(__file__).parent
BUILT = PACKAGE / "_built"
COMMON, VOCABULARY = "common.yaml", "vocabulary.yaml"
_NOT_TABLES = {COMMON, VOCABULARY, "hazards.yaml"}


def packaged_directory() -> Path:
    """Return the directory of the packaged rules: inside a wheel, or beside the package in a clone."""
    inside = PACKAGE / "rules"
    return inside if inside.is_dir() else PACKAGE.parent / "rules"


@dataclass(frozen=True, slots=True)
class Heading:
    """What a table is called and where it stands, without its content."""

    cancer: str
    title: str
    also_called: tuple[str, ...]
    edition: str
    status: str
    digest: str
    origin: str


class Rules:
    """The tables of the packaged directory and of any directory or file added to it.

    A later place replaces an earlier one's table of the same cancer; `common.yaml` and `vocabulary.yaml`
    of a place hold for its own tables and add to the packaged ones. Thread-safe.

    Example:
        >>> "breast" in Rules().names
        True
    """

    def __init__(self, *places: Path | str) -> None:
        """Look in the packaged rules and in `places`.

        Raises:
            RuleFileError: a place does not exist or holds no table.
        """
        self._files: dict[str, Path] = {}
        self._tables: dict[str, Compiled] = {}
        self._lock = threading.RLock()
        self.packaged = packaged_directory()
        self._add(self.packaged)
        self.places = tuple(Path(place) for place in places)
        for place in self.places:
            self._add(place)

    def _add(self, place: Path) -> None:
        """Note the tables of one place."""
        if place.is_file():
            found = [place]
        elif place.is_dir():
            found = sorted(path for path in place.glob("*.yaml") if path.name not in _NOT_TABLES)
        else:
            raise RuleFileError([Fault(str(place), 1, "no such file or directory of rule tables")])
        if not found:
            raise RuleFileError([Fault(str(place), 1, "holds no rule table (a file CANCER.yaml)")])
        self._files.update((path.stem, path) for path in found)

    @property
    def names(self) -> tuple[str, ...]:
        """The cancers that have a table, sorted."""
        return tuple(sorted(self._files))

    def file(self, name: str) -> Path:
        """Return the rule file of a cancer."""
        return self._files[name]

    def origin(self, name: str) -> str:
        """Return `packaged`, or the file of a table from elsewhere."""
        path = self._files[name]
        return "packaged" if path.parent == self.packaged else str(path)

    def get(self, name: str) -> Compiled:
        """Return one table, ready to answer.

        Raises:
            CaseError: there is no table of that name; the sentence says what there is.
            RuleFileError: the rule file is faulty.
        """
        with self._lock:
            if name not in self._tables:
                if name not in self._files:
                    raise self._no_table(name)
                self._tables[name] = self._built(name) or self.compile(name)
            return self._tables[name]

    def _built(self, name: str) -> Compiled | None:
        """Return the compiled file of a packaged table while it is up to date."""
        path = BUILT / f"{name}.json"
        if self.origin(name) != "packaged" or not path.is_file():
            return None
        data = json.loads(path.read_bytes())
        if data["digest"] != self.digest(name):
            return None
        compiled = Compiled.from_json(data, "packaged")
        return _with_variants(compiled, self, name)

    def compile(self, name: str) -> Compiled:
        """Read one table's YAML and compile it.

        Raises:
            RuleFileError: the rule file is faulty.
        """
        return _with_variants(self._compile(name, frozenset()), self, name)

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
        digest = hashlib.sha256()
        for path in (self._files[name], *self._shared(name, COMMON), *self._shared(name, VOCABULARY)):
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
        return digest.hexdigest()

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

        merged: dict[str, Any] = {}
        for path in reversed(self._shared(name, VOCABULARY)):
            merged.update(read_vocabulary(path))
        return merged

    @property
    def index(self) -> dict[str, Heading]:
        """The heading of every table."""
        saved = self._saved_index()
        found: dict[str, Heading] = {}
        for name in self.names:
            digest, origin = self.digest(name), self.origin(name)
            item = saved["tables"].get(name, {}) if origin == "packaged" else {}
            if item.get("digest") != digest:
                item = heading_data(self.get(name))
            found[name] = Heading(
                name,
                item["title"],
                tuple(item["also_called"]),
                item["edition"],
                item["status"],
                digest,
                origin,
            )
        return found

    @property
    def excluded(self) -> list[dict[str, Any]]:
        """The cancers that no table covers: their names and what to say."""
        saved = self._saved_index()
        if saved["common"] == self._common_digest():
            return list(saved["excluded"])
        from riskcli.rule_files import read_common

        return [item.model_dump(mode="json") for item in read_common(self.packaged / COMMON).excluded]

    @property
    def planned(self) -> list[str]:
        """The cancers of the vocabulary that have no table."""
        saved = self._saved_index()
        if saved["common"] != self._common_digest():
            from riskcli.rule_files import read_vocabulary

            saved = {"cancers": [name for name in read_vocabulary(self.packaged / VOCABULARY)]}
        return [name for name in saved["cancers"] if name not in self._files and name != "common"]

    def _saved_index(self) -> dict[str, Any]:
        """Return the index made when the package was built, or an empty one."""
        path = BUILT / "index.json"
        empty = {"tables": {}, "common": None, "excluded": [], "cancers": []}
        return json.loads(path.read_bytes()) if path.is_file() else empty

    def _common_digest(self) -> str:
        """Return the SHA-256 of the packaged shared files."""
        digest = hashlib.sha256()
        for file in (COMMON, VOCABULARY):
            digest.update((self.packaged / file).read_bytes().replace(b"\r\n", b"\n"))
        return digest.hexdigest()

    def _no_table(self, name: str) -> CaseError:
        """Say what there is instead of a cancer without a table, and what is known of it."""
        said = " ".join(str(name).lower().replace("_", " ").replace("-", " ").split())
        for item in self.excluded:
            if said in item["names"]:
                return OutOfScope([Problem("cancer", name, item["say"])])
        if said.replace(" ", "_") in self.planned:
            tables = listed(self.names, "and")
            message = f"there is no rule table for {said} yet; there are tables for {tables}"
            return CaseError([Problem("cancer", name, message, self.names)])
        called = {
            word.lower(): heading.cancer
            for heading in self.index.values()
            for word in (heading.title, *heading.also_called)
        }
        if said in called:
            near = f"; did you mean {called[said]}?"
        else:
            near = hint(said.replace(" ", "_"), self.names)
        message = f"{name!r} is not a cancer with a rule table; use {listed(self.names)}{near}"
        return CaseError([Problem("cancer", name, message, self.names)])

    def build(self, target: Path = BUILT) -> list[Path]:
        """Write every packaged table compiled, and the index, into `target`."""
        target.mkdir(exist_ok=True)
        tables = {name: self.compile(name) for name in self.names}
        index = {
            "common": self._common_digest(),
            "excluded": self.excluded,
            "cancers": [*self.planned, *self.names],
            "tables": {name: heading_data(table) for name, table in tables.items()},
        }
        files: Mapping[str, Any] = {name: table.to_json() for name, table in tables.items()}
        written = []
        for name, data in {**files, "index": index}.items():
            path = target / f"{name}.json"
            path.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
            written.append(path)
        return written


def heading_data(table: Compiled) -> dict[str, Any]:
    """Return what the index keeps of a table."""
    return {
        "title": table.table["title"],
        "also_called": table.table.get("also_called", []),
        "edition": table.table["edition"],
        "status": table.table["status"],
        "digest": table.digest,
    }


def _with_variants(table: Compiled, rules: Rules, name: str) -> Compiled:
    """Give a table the means to leave impossible rows out, each set compiled once."""
    from dataclasses import replace

    @lru_cache(maxsize=64)
    def without(rows: frozenset[int]) -> Compiled:
        return rules._compile(name, rows)

    return replace(table, without=without)


@lru_cache(maxsize=8)
def load_rules(*places: Path | str) -> Rules:
    """Return the packaged rules, with the tables of `places` added or replaced.

    Raises:
        RuleFileError: a place does not exist or holds no table. A faulty table is reported when it is
            first asked for.
    """
    return Rules(*places)


def search(rules: Rules, text: str) -> Sequence[Heading]:
    """Return the tables whose name, title or other names contain `text`.

    Example:
        >>> [heading.cancer for heading in search(Rules(), "bowel")][:1]
        ['colon']
    """
    wanted = " ".join(text.lower().replace("_", " ").split())
    return [
        heading
        for heading in rules.index.values()
        if any(
            wanted in name.lower().replace("_", " ")
            for name in (heading.cancer, heading.title, *heading.also_called)
        )
    ]
