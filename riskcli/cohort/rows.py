"""One row of a cohort to the columns of its answer, by the same engine as a single case. No I/O."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from numbers import Number
from string import Formatter
from typing import Any, NamedTuple

from riskcli.case import CANCER, cancer_id, read_case
from riskcli.cohort.fields import assumable
from riskcli.compiled import Compiled, Data
from riskcli.conditions import plain
from riskcli.errors import CaseError, OutOfScope, Problem, RuleFileError, quoted
from riskcli.evaluate import core_data
from riskcli.facts import Facts
from riskcli.loader import Rules
from riskcli.values import is_empty
from riskcli.words import say, section

BETWEEN = ";"
"""What stands between several ids or names in one column."""
BETWEEN_SENTENCES = " | "
"""What stands between several sentences in one column."""
REFUSED = "\0refused"
"""The key of a record that is no case: why, as it was found when another system's record was read."""
SOMETHING = "(…)"
"""What stands for a value in sentences that may not repeat it."""


class RowAnswer(NamedTuple):
    """The columns of an answer. Ids and names of one column are joined by `;`, sentences by ` | `.

    A row that is wrong has `error` and one that no table answers `out_of_scope`; both have no likelihood.
    """

    likelihood: str | None = None
    """The level; None when several are possible."""
    likelihood_lowest: str | None = None
    likelihood_highest: str | None = None
    cited_percent: float | None = None
    """The published figure of the row that decided: a group's, never a personal risk."""
    rule: str | None = None
    """The likelihood row that decided, or every row that still may, worst first."""
    options: str | None = None
    """Options whose published criteria match."""
    options_depending: str | None = None
    """Options that depend on what is not known."""
    unknown_fields: str | None = None
    """Open fields that matter to the level or to an option."""
    settled_by: str | None = None
    """The smallest set of fields that always settles the level."""
    assumed: str | None = None
    """What was taken without being stated, as `field=value`."""
    warnings: str | None = None
    out_of_scope: str | None = None
    error: str | None = None
    table: str | None = None
    edition: str | None = None
    digest: str | None = None


OUTPUTS = RowAnswer._fields
"""The names of the columns."""


def columns_of(core: Data, declared: Sequence[str] = ()) -> RowAnswer:
    """Return the columns of an answer; `declared` is what was taken for the whole cohort.

    Example:
        >>> import riskcli
        >>> answer = riskcli.assess({"cancer": "breast", "grade": 3, "nodes_positive": 12})
        >>> columns_of(answer.model_dump()).likelihood_highest
        'very_high'
    """
    likelihood, reasons, where = core["likelihood"], core["reasons"], core["provenance"]
    published = reasons[0]["published"] if len(reasons) == 1 else None
    assumed = [f"{item['field']}={_value_text(item['value'])}" for item in core["assumed"]]
    return RowAnswer(
        likelihood=likelihood["level"],
        likelihood_lowest=likelihood["lowest"],
        likelihood_highest=likelihood["highest"],
        cited_percent=published and float(published["percent"]),
        rule=_joined(reason["rule"] for reason in reasons),
        options=_joined(option["id"] for option in core["options"] if option["status"] == "matches"),
        options_depending=_joined(
            option["id"] for option in core["options"] if option["status"] == "depends"
        ),
        unknown_fields=_joined(item["field"] for item in core["unknown"]),
        settled_by=_joined(core["to_settle"]),
        assumed=_joined((*declared, *assumed)),
        warnings=_joined(core["warnings"], BETWEEN_SENTENCES),
        table=where["table"],
        edition=where["edition"],
        digest=where["sha256"],
    )


def _says_nothing(value: object) -> bool:
    """Say whether a cell says nothing: it is empty, or holds what is nothing in a column of numbers."""
    if isinstance(value, str):  # nearly always, and quickest
        return is_empty(value)
    return is_empty(value) or (isinstance(value, Number) and value != value)


def _joined(parts: Any, between: str = BETWEEN) -> str | None:
    """Return parts as one text, or None when there is none."""
    return between.join(parts) or None


def _value_text(value: object) -> str:
    """Return an assumed value as a column shows it."""
    return "/".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def not_answered(error: CaseError, table: Compiled | None = None) -> RowAnswer:
    """Return the columns of a row that is wrong, or that no table answers."""
    say = BETWEEN_SENTENCES.join(
        problem.message if isinstance(error, OutOfScope) else str(problem) for problem in error.problems
    )
    found = RowAnswer(out_of_scope=say) if isinstance(error, OutOfScope) else RowAnswer(error=say)
    if table is None:
        return found
    head = table.table
    return found._replace(table=table.name, edition=head["edition"], digest=table.digest)


class Answered(NamedTuple):
    """The answer to a row, with the facts and the parts it was made from where there is a likelihood."""

    answer: RowAnswer
    facts: Facts | None = None
    core: Data | None = None


class Rowwise:
    """Answers records one by one: what a cohort's rows are, whatever they were read from.

    `cancer` is that of rows that do not name one; `assume` the values taken where a row states none.

    Example:
        >>> from riskcli.loader import load_rules
        >>> rows = Rowwise(load_rules(), cancer="other_solid", assume={"grade": 3})
        >>> rows.answer({"nodes_positive": 2}).assumed.split(";")[0]
        'grade=3'
    """

    def __init__(
        self,
        rules: Rules,
        cancer: str | None = None,
        assume: Mapping[str, Any] | None = None,
        today: date | None = None,
    ) -> None:
        """Keep what holds for every row.

        Raises:
            CaseError: there is no table of that cancer, or it does not allow what is assumed.
        """
        self.rules = rules
        self.cancer = cancer_id(cancer) if cancer else None
        self.assume = assumable(assume, rules) if assume else {}
        self.today = today
        if self.cancer or self.assume:
            self._check([self.cancer] if self.cancer else rules.names)

    def _check(self, names: Sequence[str]) -> None:
        """Refuse what is assumed for the whole cohort when no table that uses it allows it."""
        tables = []
        for name in names:
            try:
                tables.append(self.rules.get(name))
            except RuleFileError:  # said to the rows of that cancer
                if len(names) == 1:
                    raise
        using = [table for table in tables if not self.assume.keys().isdisjoint(table.index)]
        refusals = []
        for table in using or tables:
            try:
                read_case_but_scope(self.assume, table)
            except CaseError as error:
                refusals.append(error)
        if len(refusals) == len(using or tables):
            raise refusals[0]

    def name(self, record: Mapping[str, Any]) -> str:
        """Return the cancer of a record.

        Raises:
            CaseError: it names none, or something that is no name, or the record was refused before.
        """
        refused = record.get(REFUSED)
        if refused is not None:
            raise type(refused)(refused.problems)
        said = record.get(CANCER)
        if _says_nothing(said):
            if self.cancer:
                return self.cancer
            raise CaseError([Problem(CANCER, None, say("columns.cancer_missing"), goes_on=True)])
        if not isinstance(said, str):
            raise CaseError([Problem(CANCER, said, say("case.cancer_is_text"))])
        return cancer_id(said)

    def facts(self, record: Mapping[str, Any], table: Compiled) -> Facts:
        """Return what a record and what is assumed say.

        Raises:
            CaseError: the record is wrong, or out of scope.
        """
        return read_case(self.completed(record), table)

    def completed(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record without what is empty, with what is assumed where it states nothing."""
        stated = {name: value for name, value in record.items() if not _says_nothing(value)}
        return {**self.assume, **stated} if self.assume else stated

    def declared(self, record: Mapping[str, Any]) -> list[str]:
        """Return what is assumed for a record, as `field=value`."""
        return [
            f"{name}={_value_text(value)}"
            for name, value in self.assume.items()
            if is_empty(record.get(name)) or record[name] != record[name]
        ]

    def answer(self, record: Mapping[str, Any]) -> RowAnswer:
        """Answer one record; what is wrong with it stands in the answer."""
        return self.answered(record).answer

    def answered(self, record: Mapping[str, Any]) -> Answered:
        """Answer one record, with what is behind the answer."""
        table = None
        try:
            table = self.rules.get(self.name(record))
            facts = self.facts(record, table)
            core = core_data(facts, self.today)
            return Answered(columns_of(core, self.declared(record)), facts, core)
        except CaseError as error:
            return Answered(not_answered(error, table))


def read_case_but_scope(record: Mapping[str, Any], table: Compiled) -> None:
    """Refuse a record whose values a table does not allow; one that is out of scope may pass.

    Raises:
        CaseError: with every problem.
    """
    try:
        read_case(record, table)
    except OutOfScope:
        return


def without_values(sentences: str, record: Mapping[str, Any]) -> str:
    """Return sentences about a record with the record's values left out, for words that may be kept.

    Besides every value of a field that is named, anything in quotes and any number is left out of what comes
    before the advice of a sentence: a value may be repeated in another form than it was given in. Advice on
    how to write it is left without it as well.

    Example:
        >>> without_values('grade: 7 is not allowed for breast; use 1, 2 or 3', {"grade": 7})
        'grade: (…) is not allowed for breast; use 1, 2 or 3'
    """
    forms = {form for name, value in record.items() if name in sentences for form in _forms(value)}
    for form in sorted(forms, key=len, reverse=True):
        sentences = re.sub(rf"(?<!\w){re.escape(form)}(?!\w|\.\d)", SOMETHING, sentences)
    kept = []
    for sentence in sentences.split(BETWEEN_SENTENCES):
        wrong, then, advice = _not_rewritten(sentence).partition("; ")
        kept.append(_REPEATED.sub(SOMETHING, wrong) + then + advice)
    return BETWEEN_SENTENCES.join(kept)


def _not_rewritten(sentence: str) -> str:
    """Return a sentence that tells how to write a value without any form of that value."""
    templates: Mapping[str, str] = section("value.rewritten")
    for template in templates.values():
        parts = [(re.escape(text), name) for text, name, _, _ in Formatter().parse(template)]
        pattern = "".join(f"{text}.*" if name else text for text, name in parts)
        if match := re.fullmatch(rf"(\w+: )?{pattern}", sentence, re.S):
            return (match[1] or "") + template.format(**{name: SOMETHING for _, name in parts if name})
    return sentence


def without_details(sentences: str, record: Mapping[str, Any]) -> str:
    """Return sentences about what another system holds with everything left out that may be a person's.

    That is what is in quotes or brackets, names of resources and numbers, wherever they stand, besides the
    values that were read.

    Example:
        >>> print(without_details("Condition/eva-7 (C50 (left)) is named; take 1", {}))
        (…) (…) is named; take (…)
    """
    told = without_values(_RESOURCE.sub(SOMETHING, sentences), record)
    told = _REPEATED.sub(SOMETHING, told)
    before = ""
    while before != told:  # from the innermost brackets outwards
        before, told = told, _BRACKETS.sub(_INNER, told)
    return told.replace(_INNER, SOMETHING)


_INNER = "\1"
_BRACKETS = re.compile(r"\([^()]*\)")
_RESOURCE = re.compile(r"(?<!\w)[A-Z]\w*/[^\s,;:()]+")
_REPEATED = re.compile(r'"[^"]*"|(?<![\w.])[<>=]*\d[\d.,]*(?:\.\.<?\d[\d.]*)?\+?(?!\w)')


def _forms(value: object) -> set[str]:
    """Return the texts that a sentence may repeat a value as."""
    if isinstance(value, Mapping | list | tuple):
        parts = value.values() if isinstance(value, Mapping) else value
        return {form for part in parts for form in _forms(part)} | {quoted(str(value)), str(value)}
    if isinstance(value, bool):
        return {str(value).lower()}
    if isinstance(value, int | float):
        return {str(value), plain(value)} if math.isfinite(value) else {str(value)}
    texts = {str(value), str(value).strip()} | ({value.isoformat()} if isinstance(value, date) else set())
    return {form for text in texts if text for form in (quoted(text), text)}
