"""The questions of `riskcli assess` on a terminal: one a line, only what can still change the answer.

Plain lines in and out, nothing redrawn, so that it works on a dumb terminal and with a screen reader.
What is asked next comes from the engine; this module only words it.
"""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from riskcli.assessment import Assessment
from riskcli.case import case_reader, read_case
from riskcli.compiled import Compiled
from riskcli.conditions import NOT_DONE
from riskcli.errors import CaseError, OutOfScope, Problem, quoted
from riskcli.evaluate import LIKELIHOOD, assess_facts
from riskcli.loader import Heading, Rules, search
from riskcli.quantities import ValueProblem
from riskcli.readers import REF
from riskcli.report.wording import Wording
from riskcli.values import UNKNOWN, ValueReader, phrase
from riskcli.words import all_of, any_of, hint, say, say_many

Read = Callable[[], str]
Write = Callable[[str], None]
Found = tuple[Compiled, dict[str, Any], str]

_PANELS = ("factor", "marker", "context")
_STOP = ("quit", "exit")
_ENOUGH = 3
"""The least letters from which `unknown` and `not_done` are completed: "n" may be meant as normal."""


class Quit(Exception):
    """The person stopped before an answer."""


@dataclass(frozen=True)
class Question:
    """One question: the field, whether it decides the level, how many may follow, and the levels left."""

    field: str
    for_level: bool
    left: int
    levels: tuple[str, ...]


@dataclass
class Interview:
    """What has been asked and answered for one table. Reads and prints nothing."""

    table: Compiled
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def fields(self) -> Mapping[str, Any]:
        """The fields of the table."""
        found: Mapping[str, Any] = self.table.table["fields"]
        return found

    def assess(self) -> Assessment:
        """Return the answer to what is stated so far."""
        return assess_facts(read_case(self.answers, self.table))

    def _open_record(self) -> dict[str, Any]:
        """Return the record in which nothing that was not yet asked is assumed or left undone."""
        taken = {
            name: UNKNOWN
            for name, spec in self.fields.items()
            if name not in self.asked and (spec.get("optional") or spec.get("assume"))
        }
        return {**taken, **self.answers}

    def next_question(self, first: str | None = None) -> Question | None:
        """Return the next question, or None when nothing left to ask can change the answer.

        The question about the field `first` is preferred while it can still change something.

        Raises:
            CaseError: what was answered cannot be.
        """
        answer = assess_facts(read_case(self._open_record(), self.table))
        decides = {item.field: item.decides for item in answer.unknown if item.field not in self.asked}
        for_level = {name for name in decides if LIKELIHOOD in decides[name]}
        order = list(self.fields)
        ordered = sorted(
            decides,
            key=lambda name: (
                name != first,
                name not in for_level,
                _PANELS.index(self.fields[name]["panel"]),
                order.index(name),
            ),
        )
        if not ordered:
            return None
        return Question(ordered[0], ordered[0] in for_level, len(ordered), answer.likelihood.levels)

    def state(self, name: str, text: str) -> str:
        """Take a value for a field and return how it was read; an empty one takes the field back.

        Raises:
            ValueProblem: the value is not allowed, or the field is not one of this table's.
            CaseError: it contradicts another one, or leaves the table's scope (then it is kept).
        """
        if name == REF:
            self.answers[REF] = text
            return text
        reader = case_reader(self.table).readers.get(name)
        if reader is None:
            raise ValueProblem(say("interview.not_used", cancer=self.table.name))
        text = _completed(reader, text)
        reading = reader.read(text)
        before = dict(self.answers)
        self.answers.pop(name, None)
        if reading.stated:
            self.answers[name] = text
        try:
            read_case(self.answers, self.table)
        except OutOfScope:
            raise
        except CaseError:
            self.answers = before
            raise
        if reading.stated and name not in self.asked:
            self.asked.append(name)
        elif not reading.stated and name in self.asked:
            self.asked.remove(name)
        shown = reading.shown if reading.stated else say("interview.not_stated")
        return any_of(list(map(str, shown))) if isinstance(shown, list | tuple) else str(shown)

    def skip(self, name: str) -> None:
        """Leave a field not stated."""
        self.answers.pop(name, None)
        if name not in self.asked:
            self.asked.append(name)

    def back(self) -> str | None:
        """Forget the last field that was asked or stated, and its value; return its name."""
        if not self.asked:
            return None
        name = self.asked.pop()
        self.answers.pop(name, None)
        return name

    def command(self) -> str:
        """Return the one-line command that gives the same answer."""
        flags = [
            part for name, value in self.answers.items() for part in (f"--{name.replace('_', '-')}", value)
        ]
        return shlex.join(["riskcli", "assess", self.table.name, *flags])


def _completed(reader: ValueReader, text: str) -> str:
    """Return the one allowed word that begins with what was typed, or what was typed.

    Raises:
        ValueProblem: it begins several words.
    """
    try:
        reader.read(text)
    except ValueProblem:
        domain, typed = reader.domain, phrase(text)
        without_value = [UNKNOWN, NOT_DONE] if domain.optional else [UNKNOWN]
        words = [*domain.words, *domain.groups, *without_value]
        begun = [word for word in words if typed and phrase(word).startswith(typed)]
        if len(begun) > 1:
            message = say("interview.may_mean", given=quoted(text), words=any_of(begun))
            raise ValueProblem(message) from None
        if not begun or (begun[0] in without_value and len(typed) < _ENOUGH):
            raise
        return begun[0]
    return text


def interview(rules: Rules, read: Read, write: Write, width: int = 80) -> Found | None:
    """Ask until nothing left can change the answer; return the table, the record and the command.

    None when the person quits. `read` returns one line with its end, or nothing at the end of input; texts
    are broken to `width`.

    Raises:
        OutOfScope: an answer shows that no table covers the case.
    """
    try:
        person = _Terminal(read, write, width)
        talk = Interview(person.choose(rules))
        person.ask_all(talk)
    except Quit:
        return None
    return talk.table, talk.answers, talk.command()


@dataclass(frozen=True)
class _Terminal:
    """One person at a terminal: a line is read, lines are written."""

    read: Read
    write: Write
    width: int

    def say(self, *texts: str) -> None:
        """Write texts, each on lines of its own, broken to the width."""
        for text in texts:
            self.write(textwrap.fill(text, max(20, self.width)) + "\n")

    def line(self, prompt: str) -> str:
        """Ask for one line.

        Raises:
            Quit: the input ended.
        """
        self.write(prompt)
        text = self.read()
        if not text:
            self.write(f"\n{say('interview.input_ended')}\n")
            raise Quit
        return text.strip()

    # ---- which cancer

    def choose(self, rules: Rules) -> Compiled:
        """Ask for the cancer, by part of its name."""
        headings = rules.index
        self.say(say("interview.which_cancer"))
        for heading in headings.values():
            self.say(say("interview.a_cancer", cancer=heading.cancer, called=heading.listed))
        while True:
            text = self.line(say("interview.cancer_prompt"))
            if phrase(text) in _STOP:
                raise Quit
            if not text or text == "?":
                self.say(say("interview.write_one", names=any_of(list(headings))))
                continue
            found = _matching(rules, text)
            if len(found) == 1:
                table = rules.get(found[0].cancer)
                self.say(f"{found[0].title}.", str(table.table["scope"]))
                return table
            if found:
                names = all_of([heading.cancer for heading in found])
                self.say(say("interview.fits_several", names=names))
            else:
                self.say(*(f"{problem.message}." for problem in rules.no_table(text).problems))

    # ---- the questions

    def ask_all(self, talk: Interview) -> None:
        """Ask question after question."""
        premises = case_reader(talk.table).premises
        taken = ", ".join(premise["why"] for premise in premises.values())
        fields = any_of([f"{name}=..." for name in premises])
        self.say(say("interview.premises", premises=taken, fields=fields), say("interview.help"))
        first: str | None = None
        for_level = True
        while question := talk.next_question(first):
            if for_level and not question.for_level:
                self.say(say("interview.level_settled"))
            for_level = question.for_level
            self.write(f"\n{_progress(talk.table, question)}\n")
            self.say(_first_sentence(talk.fields[question.field]["text"]))
            allowed = _allowed(talk.table, question.field)
            text = self.line(say("interview.prompt", field=question.field, allowed=allowed))
            word = phrase(text)
            if word == "done":
                return
            if word in _STOP:
                self.write(f"{say('interview.so_far')}\n  {talk.command()}\n")
                raise Quit
            first = self.take(talk, question.field, text)

    def take(self, talk: Interview, name: str, text: str) -> str | None:
        """Take one line; return the field to ask about next, where that is known."""
        if text == "?":
            self.say(*_explained(talk.fields[name]))
            return name
        if phrase(text) == "back":
            before = talk.back()
            again = say("interview.open_again", field=before) if before else say("interview.first_question")
            self.say(again)
            return before or name
        if not text:
            talk.skip(name)
            return None
        return self.state(talk, name, text)

    def state(self, talk: Interview, asked: str, text: str) -> str | None:
        """Take a value for the field that was asked, or FIELD=VALUE for any other."""
        name, value = asked, text
        reader = case_reader(talk.table)
        stated, equals, rest = text.partition("=")
        if equals and stated.strip() and stated.strip()[-1] not in "<>":
            aliases = reader.aliases
            name, value = aliases.get(phrase(stated), ""), rest.strip()
            if not name:
                near = hint(phrase(stated).replace(" ", "_"), aliases.values())
                said, cancer = quoted(stated.strip()), talk.table.name
                self.say(say("interview.no_field", said=said, cancer=cancer, hint=near))
                return asked
        try:
            shown = talk.state(name, value)
        except ValueProblem as problem:
            self.say(f"{Problem(name, value, str(problem), goes_on=name not in reader.readers)}.")
            return asked
        except OutOfScope:
            raise
        except CaseError as error:
            self.say(*(f"{problem}." for problem in error.problems))
            return asked
        if phrase(shown) != phrase(value) or name != asked:
            self.say(say("interview.read_as", field=name, value=shown))
        return asked if name != asked else None


def _matching(rules: Rules, text: str) -> Sequence[Heading]:
    """Return the tables that a name may mean: the exact one, or all that contain it."""
    exact = rules.index.get(phrase(text).replace(" ", "_"))
    return [exact] if exact else search(rules, text)


def _progress(table: Compiled, question: Question) -> str:
    """Say how many questions are left and which levels are still possible."""
    left = say_many("interview.left", question.left)
    levels = [Wording(table.common["labels"]).level(level) for level in question.levels]
    return say("interview.progress", left=left, levels=any_of(levels))


def _allowed(table: Compiled, name: str) -> str:
    """Return what may be answered, with the unit."""
    reader = case_reader(table).readers[name]
    values = "/".join(reader.allowed())
    return say("interview.in_unit", values=values, unit=reader.unit) if reader.unit else values


def _first_sentence(text: str) -> str:
    """Return what a field is, in short."""
    return text.split(". ")[0].rstrip(".")


def _explained(spec: Mapping[str, Any]) -> Iterable[str]:
    """Say what a field is, where on the report it stands, and what happens when it is not stated."""
    yield str(spec["text"])
    if spec.get("where"):
        yield say("interview.where", place=spec["where"])
    for item in spec.get("assume", ()):
        value = item["value"]
        worded = any_of(list(map(str, value))) if isinstance(value, list | tuple) else value
        yield say("interview.assumed", value=worded, why=item["why"])
    if spec.get("optional"):
        yield say("interview.optional")
    if not spec.get("assume") and not spec.get("optional"):
        yield say("interview.left_open")
