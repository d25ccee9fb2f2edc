"""The beginning of a rule table for an author to fill in: it loads and compiles as it stands. No I/O.

What it says of the patients is a placeholder, in order but without any meaning; every such place is marked
TODO, and the table is a draft.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from string import Template
from typing import Any

from riskcli.compiled import LEVELS
from riskcli.conditions import plain
from riskcli.errors import CaseError, Problem, hint
from riskcli.tables import Vocabulary, Word

_COMMON = "common"
_TREATED_BEFORE = "neoadjuvant_therapy"
_IN_SITU = ("t_category", "Tis")
_GATE = (
    ("metastasis", "present"),
    ("disease", "recurrent"),
    ("disease", "second_primary"),
    ("local_treatment", "incomplete"),
    ("local_treatment", "biopsy_only"),
    (_TREATED_BEFORE, "yes"),
)
_YEAR = timedelta(days=365)
_PLACEHOLDERS = tuple(
    zip(reversed(LEVELS), ((True, True), (True, False), (False, True), (False, False)), strict=True)
)
"""The level of each placeholder row, the worst first, and which of its two fields is worse."""

_HEAD = """\
# yaml-language-server: $$schema=rules.schema.json
# The line above lets an editor complete and check this file; the schema is written by
# `riskcli schema rules -o rules.schema.json`. What is marked TODO is a placeholder without meaning;
# `riskcli rules check` lists what is left.
cancer: $cancer
title: "TODO: $cancer, as a pathology report names it"
also_called: []  # TODO: other names, the lay ones too
status: draft  # until a clinician named under reviewed_by has signed it
edition: "$year.1"  # a new one whenever a patient's answer changes
evidence_checked: $today  # when the sources were last looked at
reviewed_by: []
review_by: $review
horizon_years: 10  # TODO: 5 for a cancer that recurs early
scope: "TODO: who the table is for, and who not"
blood_test: "TODO: the blood marker that is used after surgery, or that there is none"
limits: ["TODO: one tumour at a time; what else the table does not consider"]
"""
_SCOPE = """\
# Who is turned away before anything is asked: one sentence why, and where to look instead.
out_of_scope:
"""
_TREATED_NOTE = """\
  # Once there are rows for treatment before surgery, make it a field and delete this row.
"""
_AWAY = """\
  - when: $when
    say: "TODO: why the table does not answer, and where to look"
"""
_SOURCES = """\
# Where each statement comes from: the place in it (at), and how much of it was seen. Never from memory.
sources:
  todo-source:
    title: "TODO: first author, title, journal, year, volume, pages"
    year: $year  # leave it out when you did not see it
    kind: cohort  # trial, meta_analysis, cohort, guideline, review, label, registry or background
    identifier: none seen  # TODO: doi, pmid or url instead, one that you saw
    at: "TODO: table, figure or section"
    seen: not_seen  # full_text, abstract or secondary once looked at, with the day under `on`
"""
_FIELDS = """\
# Values and units are those of the vocabulary. The order is that of questions, columns and help; put fields
# that are used together next to each other, and delete what no row turns on. A field may also have
# optional: true (a test that need not be made), only_if: {parent: value}, assume, synonyms and says.
fields:
"""
_ROWS = """\
# The first row that holds decides, so the worst come first; a row for low states every finding it relies on.
# Together they answer every possible case. An id says the finding and is for life.
likelihood:
"""
_ROW = """\
  - id: $id  # TODO: an id that says the finding, such as nodes-4-or-more
    when: $when  # TODO
    level: $level
    why: "TODO: one line that a clinician can read out"
    basis: judgement  # direct or converted once there is a figure
    # published: {percent: 0, endpoint: distant recurrence, treated: none, years: 10, group: who exactly}
    limits: "TODO: when it does not hold, and how a converted figure leads to the level"
    source: todo-source
"""
_OPTIONS = """\
# What to discuss, by published criteria; any one box is enough. `when` may also use level. The kinds are
# chemotherapy, radiotherapy, hormone_therapy, biological_therapy, bone_agent, surgery and surveillance.
options:
  - id: follow-up
    kind: surveillance
    name: "TODO: follow-up"
    agents: []  # generic names, lower case
    any_of:
      - id: follow-up-all
        when: {level: $levels}  # TODO
        why: "TODO: the criterion of the trial or guideline, in one line"
        source: todo-source
# not_supported has the same shape: what people ask about and was shown not to help, or is ruled out.
"""
_EXAMPLES = """\
# One example at least for each row, and a pair on either side of each threshold; the check runs them.
examples:
"""
_EXAMPLE = """\
  - id: example-$id
    case: $case
    level: $level
    rule: $id
    options: [follow-up]
"""


@dataclass(frozen=True)
class _Split:
    """A field in two parts, for the placeholder rows."""

    name: str
    worse: Any
    better: Any
    values: tuple[Any, Any]
    """A value of the worse part and one of the better part."""


def skeleton(cancer: str, vocabulary: Vocabulary, today: date) -> str:
    """Return a commented rule table for a cancer of the vocabulary.

    Raises:
        CaseError: the vocabulary has no fields for it, or too few to begin with.
    Example:
        >>> from riskcli.loader import load_rules
        >>> vocabulary = load_rules().vocabulary("other_solid")
        >>> text = skeleton("other_solid", vocabulary, date(2026, 11, 24))
        >>> [line for line in text.splitlines() if line.startswith("cancer")]
        ['cancer: other_solid']
    """
    known = [name for name in vocabulary if name != _COMMON]
    if cancer not in known:
        message = (
            f"{cancer} is not in the vocabulary{hint(cancer, known)}; its fields stand there first: "
            f"add a section {cancer} to a vocabulary.yaml beside the table"
        )
        raise CaseError([Problem("cancer", cancer, message, tuple(known))])
    return _Author(cancer, vocabulary[cancer], today).text()


def _quoted(value: Any) -> str:
    """Return a value as YAML reads it on one line."""
    return json.dumps(value, ensure_ascii=False)


def _when(conditions: Mapping[str, Any]) -> str:
    """Return conditions in flow style."""
    return "{" + ", ".join(f"{name}: {_quoted(raw)}" for name, raw in conditions.items()) + "}"


class _Author:
    """Writes one table."""

    def __init__(self, cancer: str, words: Mapping[str, Word], today: date) -> None:
        self.cancer = cancer
        self.today = today
        self.fields = {
            name: word for name, word in words.items() if word.type != "text" and name != _TREATED_BEFORE
        }
        self.treated_before = _TREATED_BEFORE in words
        splits = sorted(filter(None, map(self._split, self.fields)), key=self._plainness)
        if len(splits) < 2:
            message = f"the vocabulary of {cancer} has fewer than two fields to begin with; add some"
            raise CaseError([Problem("cancer", cancer, message)])
        self.first, self.second = splits[:2]

    # ---- the two fields of the placeholder rows

    def _leaves(self, name: str) -> tuple[list[str], dict[str, list[str]]]:
        """Return the words of a field that stand for themselves, and the groups with their members."""
        values = self.fields[name].values
        groups = {parent: [word for word in values if _is_part(word, parent)] for parent in values}
        groups = {parent: words for parent, words in groups.items() if words}
        return [word for word in values if word not in groups], groups

    def _split(self, name: str) -> _Split | None:
        """Return a field in a worse and a better part; None when it has no worse direction or one value."""
        word = self.fields[name]
        if word.type == "word":
            leaves = [leaf for leaf in self._leaves(name)[0] if (name, leaf) != _IN_SITU]
            worst = self._worst(word, leaves)
            rest = [leaf for leaf in leaves if leaf != worst]
            better = rest if len(rest) != 1 else rest[0]
            return _Split(name, worst, better, (worst, rest[0])) if worst and rest else None
        low, high = word.min or 0, word.max or 0
        if word.worse != "higher" or low + 1 >= high:
            return None
        cut = low + 1
        return _Split(name, f">={plain(cut)}", f"{plain(low)}..<{plain(cut)}", (cut, low))

    @staticmethod
    def _worst(word: Word, leaves: list[str]) -> str | None:
        """Return the worst word of a field, or None when none is said to be."""
        if word.worse in ("higher", "lower"):
            return leaves[-1 if word.worse == "higher" else 0]
        return word.worse if word.worse in leaves else None

    def _plainness(self, split: _Split | None) -> tuple[bool, bool]:
        """Return the key that puts two-valued core fields first."""
        word = self.fields[split.name] if split else None
        return word is None or word.type != "word" or len(word.values) > 2, word is None or not word.core

    # ---- the file

    def text(self) -> str:
        """Return the whole file."""
        return "\n".join(
            [
                self._filled(_HEAD, year=self.today.year, today=self.today, review=self.today + _YEAR),
                self._scope(),
                self._filled(_SOURCES, year=self.today.year),
                _FIELDS + "".join(f"{line}\n" for name in self.fields for line in self._field(name)),
                _ROWS + "".join(self._row(_ROW, level, worse) for level, worse in _PLACEHOLDERS),
                self._filled(_OPTIONS, levels=_quoted(list(LEVELS))),
                _EXAMPLES + "".join(self._row(_EXAMPLE, level, worse) for level, worse in _PLACEHOLDERS),
            ]
        )

    def _filled(self, template: str, **values: object) -> str:
        """Return a part of the file with its gaps filled."""
        return Template(template).substitute(values, cancer=self.cancer)

    def _scope(self) -> str:
        """Return the scope gate."""
        parts = [_SCOPE]
        for name, value in _GATE:
            if name == _TREATED_BEFORE and self.treated_before:
                parts.append(_TREATED_NOTE)
            parts.append(self._filled(_AWAY, when=_when({name: value})))
        name, value = _IN_SITU
        if name in self.fields and value in self.fields[name].values:
            parts.append(self._filled(_AWAY, when=_when({name: value})))
        return "".join(parts)

    def _field(self, name: str) -> Iterator[str]:
        """Give the lines of one field."""
        word = self.fields[name]
        yield f"  {name}:"
        yield f"    type: {word.type}"
        if word.type == "word":
            leaves, groups = self._leaves(name)
            yield f"    allowed: {_quoted(leaves)}"
            if groups:
                yield f"    groups: {_when(groups)}"
        else:
            yield f"    allowed: {plain(word.min or 0)}..{plain(word.max or 0)}"
        if word.unit:
            yield f"    unit: {_quoted(word.unit)}"
        if word.worse:
            yield f"    worse: {_quoted(word.worse)}"
        if word.core:
            yield "    core: true"
        yield "    panel: factor  # TODO: factor, marker or context"
        yield f"    text: {_quoted(word.text)}"
        yield '    where: "TODO: where it stands on the report or in the record"'

    def _row(self, template: str, level: str, worse: tuple[bool, bool]) -> str:
        """Return the placeholder row of a level, or its example."""
        pairs = list(zip((self.first, self.second), worse, strict=True))
        when = {split.name: split.worse if bad else split.better for split, bad in pairs}
        case = {split.name: split.values[0 if bad else 1] for split, bad in pairs}
        row = f"todo-{level.replace('_', '-')}"
        return self._filled(template, id=row, level=level, when=_when(when), case=_when(case))


def _is_part(word: str, parent: str) -> bool:
    """Say whether a category is a part of another, as T1a is of T1."""
    rest = word.removeprefix(parent)
    return rest != word and rest[:1].islower()
