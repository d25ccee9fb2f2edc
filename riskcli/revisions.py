"""Two versions of rule tables to compare: files, directories, or git revisions of the rules.

A revision is read with git into a directory that is removed again. Never uses the network, never changes
the clone.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from riskcli.errors import CaseError, Problem, RuleFileError, quoted
from riskcli.loader import COMMON, NOT_TABLES, VOCABULARY, Rules, packaged_directory
from riskcli.rule_files import open_document
from riskcli.words import any_of, say

_RULE_FILE = re.compile(r"[a-z][a-z0-9_]*\.yaml")
_SHORT = 10
"""How many characters of a commit are shown."""
_LOCAL = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")
"""What a git hook sets, and what would point git at another clone."""


@dataclass(frozen=True)
class Version:
    """The tables of one side of a comparison."""

    label: str
    """What it was called, with the commit where it is a revision."""
    rules: Rules
    names: tuple[str, ...]
    """The cancers whose tables belong to it; `rules` also holds the packaged ones."""
    is_file: bool = False


@contextmanager
def opened(given: str, beside: Sequence[Path]) -> Iterator[Version]:
    """Open a rule file, a directory of them, or a git revision of the first of `beside` that git tracks.

    Raises:
        CaseError: it is none of these.
        RuleFileError: it holds no table; or, from inside, a table of it is faulty, named as it was given.
    Example:
        >>> with opened(str(packaged_directory()), ()) as version:
        ...     "breast" in version.names
        True
    """
    path = Path(given)
    if path.is_dir():
        rules = Rules(path)
        yield Version(given, rules, _tables_in(rules, path.absolute()))
    elif path.is_file() and (name := _table_name(path)) == path.name:
        yield Version(given, Rules(path), (path.stem,), is_file=True)
    elif path.is_file():
        folder = "" if path.parent == Path() else f"{path.parent}/"
        with _copied(_with_its_words(path, name)) as directory, _named(directory, folder, {name: path.name}):
            rules = Rules(directory)
            yield Version(given, rules, _tables_in(rules, directory), is_file=True)
    else:
        files, label = _of_revision(given, beside)
        with _copied(files) as directory, _named(directory, f"{given}:"):
            rules = Rules(directory)
            if {COMMON, VOCABULARY} <= files.keys():
                rules.packaged = directory  # they are read with their own words, not with today's
            yield Version(label, rules, _tables_in(rules, directory))


def _tables_in(rules: Rules, directory: Path) -> tuple[str, ...]:
    """Return the cancers whose tables stand in a directory."""
    return tuple(name for name in rules.names if rules.file(name).parent == directory)


@contextmanager
def _copied(files: Mapping[str, bytes]) -> Iterator[Path]:
    """Write files into a directory that is removed again."""
    with TemporaryDirectory(prefix="riskcli-") as name:
        directory = Path(name).resolve()
        for file, content in files.items():
            (directory / file).write_bytes(content)
        yield directory


@contextmanager
def _named(directory: Path, before: str, files: Mapping[str, str] | None = None) -> Iterator[None]:
    """Name the files of a copy, in what is wrong with them, as they were given."""
    try:
        yield
    except RuleFileError as error:
        names = files or {}
        raise RuleFileError(
            [
                replace(fault, file=f"{before}{names.get(path.name, path.name)}")
                if (path := Path(fault.file)).parent == directory
                else fault
                for fault in error.faults
            ]
        ) from None


def _table_name(path: Path) -> str:
    """Return the name that a table's file must have: a copy may be kept under another."""
    data = open_document(path).data
    cancer = data.get("cancer") if isinstance(data, dict) else None
    name = f"{cancer}.yaml"
    return name if isinstance(cancer, str) and _RULE_FILE.fullmatch(name) else f"{path.stem}.yaml"


def _with_its_words(path: Path, name: str) -> dict[str, bytes]:
    """Return a rule file with the common words and the vocabulary that stand beside it."""
    beside = [path.parent / shared for shared in (COMMON, VOCABULARY)]
    return {name: path.read_bytes()} | {file.name: file.read_bytes() for file in beside if file.is_file()}


# ---- git


def rule_directories(own: str | None) -> tuple[Path, ...]:
    """Return where the rules that a revision means may stand: one's own, or the packaged and those here.

    Example:
        >>> rule_directories(None)[-1].name
        'rules'
    """
    if own:
        place = Path(own)
        return (place if place.is_dir() else place.parent,)
    return packaged_directory(), Path("rules")


def _of_revision(given: str, beside: Sequence[Path]) -> tuple[dict[str, bytes], str]:
    """Return the rule files of a revision, and its label.

    Raises:
        CaseError: there is no git clone, no such revision, or no rules in it.
    """
    clones = [place for place in beside if place.is_dir() and _is_clone(place)]
    if not clones:
        where = any_of([str(place) for place in beside])
        raise _refused(given, say("diff.no_clone", given=quoted(given), places=where))
    for place in clones:
        commit = _commit(place, given)
        names = _listed_files(place, commit) if commit else []
        if not NOT_TABLES.issuperset(names):
            files = {name: _git(place, "show", f"{commit}:./{name}").stdout for name in names}
            label = given if commit.startswith(given) else f"{given} ({commit[:_SHORT]})"
            return files, label
        if commit and place == clones[-1]:
            raise _refused(given, say("diff.no_tables_in", given=quoted(given), place=place))
    raise _refused(given, say("diff.no_version", given=quoted(given), place=clones[0]))


def _is_clone(place: Path) -> bool:
    """Say whether a directory lies in a git clone.

    Raises:
        CaseError: it does, but git refuses to read it.
    """
    run = _git(place, "rev-parse", "--show-prefix")
    if b"dubious ownership" in run.stderr:
        raise _refused(None, say("diff.not_own", place=place))
    return run.returncode == 0


def _commit(place: Path, given: str) -> str:
    """Return the commit that a revision names, or nothing."""
    run = _git(place, "rev-parse", "--verify", "--quiet", f"{given}^{{commit}}")
    return run.stdout.decode().strip() if run.returncode == 0 else ""


def _listed_files(place: Path, commit: str) -> list[str]:
    """Return the rule files that a commit holds at a directory."""
    run = _git(place, "ls-tree", "-z", "--name-only", commit)
    names = run.stdout.decode(errors="replace").split("\0")
    return [name for name in names if _RULE_FILE.fullmatch(name)]


def _git(place: Path, *args: str) -> subprocess.CompletedProcess[bytes]:
    """Run git in a directory.

    Raises:
        CaseError: git is not installed.
    """
    environment = {key: value for key, value in os.environ.items() if key not in _LOCAL}
    environment |= {"GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        return subprocess.run(
            ["git", "-C", str(place), *args],
            capture_output=True,
            check=False,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
    except OSError:
        raise _refused(None, say("diff.no_git")) from None


def _refused(given: str | None, message: str) -> CaseError:
    """Return why something that was given is no version, or why none can be read."""
    return CaseError([Problem(None, given, message)])
