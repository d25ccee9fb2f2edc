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
from riskcli.errors import CaseError, OutOfScope, Problem, hint, listed, quoted
from riskcli.evaluate import LIKELIHOOD, assess_facts
from riskcli.loader import Heading, Rules, search
from riskcli.quantities import ValueProblem
from riskcli.readers import REF
from riskcli.values import UNKNOWN, ValueReader, phrase

Read = Callable[[], str]
Write = Callable[[str], None]
Found = tuple[Compiled, dict[str, Any], str]

HELP = (
    "Answer in the report's own words. Enter: not stated. unknown: open. ?: what it is. back: the question "
    "before. done: answer now. quit: stop. FIELD=VALUE states any field, at any time."
)
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
            raise ValueProblem(f"is not used for {self.table.name}")
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
        shown = reading.shown if reading.stated else "not stated"
        return listed(list(map(str, shown))) if isinstance(shown, list | tuple) else str(shown)

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
            raise ValueProblem(f"{quoted(text)} may mean {listed(begun)}; write more of it") from None
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
            self.write("\nThe input ended.\n")
            raise Quit
        return text.strip()

    # ---- which cancer

    def choose(self, rules: Rules) -> Compiled:
        """Ask for the cancer, by part of its name."""
        headings = rules.index
        self.say("Which cancer? Part of a name is enough; there are tables for:")
        for heading in headings.values():
            self.say(f"  {heading.cancer}: {heading.listed}")
        while True:
            text = self.line("cancer> ")
            if phrase(text) in _STOP:
                raise Quit
            if not text or text == "?":
                self.say(f"Write one of {listed(list(headings))}, or part of another name.")
                continue
            found = _matching(rules, text)
            if len(found) == 1:
                table = rules.get(found[0].cancer)
                self.say(f"{found[0].title}.", str(table.table["scope"]))
                return table
            if found:
                names = listed([heading.cancer for heading in found], "and")
                self.say(f"That fits {names}; write one of them.")
            else:
                self.say(*(f"{problem.message}." for problem in rules.no_table(text).problems))

    # ---- the questions

    def ask_all(self, talk: Interview) -> None:
        """Ask question after question."""
        premises = case_reader(talk.table).premises
        taken = ", ".join(premise["why"] for premise in premises.values())
        self.say(f"Taken as so: {taken}. If not, say which: {listed([f'{name}=...' for name in premises])}")
        self.say(HELP)
        first: str | None = None
        for_level = True
        while question := talk.next_question(first):
            if for_level and not question.for_level:
                self.say("The level is settled as far as it can be; the rest matters to the options only.")
            for_level = question.for_level
            levels = listed([level.replace("_", " ") for level in question.levels])
            left = "last question" if question.left == 1 else f"at most {question.left} questions left"
            self.write(f"\n[{left}; still possible: {levels}]\n")
            self.say(_first_sentence(talk.fields[question.field]["text"]))
            text = self.line(f"{question.field} ({_allowed(talk.table, question.field)})> ")
            word = phrase(text)
            if word == "done":
                return
            if word in _STOP:
                self.write(f"So far:\n  {talk.command()}\n")
                raise Quit
            first = self.take(talk, question.field, text)

    def take(self, talk: Interview, name: str, text: str) -> str | None:
        """Take one line; return the field to ask about next, where that is known."""
        if text == "?":
            self.say(*_explained(talk.fields[name]))
            return name
        if phrase(text) == "back":
            before = talk.back()
            self.say(f"{before} is open again." if before else "This is the first question.")
            return before or name
        if not text:
            talk.skip(name)
            return None
        return self.state(talk, name, text)

    def state(self, talk: Interview, asked: str, text: str) -> str | None:
        """Take a value for the field that was asked, or FIELD=VALUE for any other."""
        name, value = asked, text
        stated, equals, rest = text.partition("=")
        if equals and stated.strip() and stated.strip()[-1] not in "<>":
            aliases = case_reader(talk.table).aliases
            name, value = aliases.get(phrase(stated), ""), rest.strip()
            if not name:
                near = hint(phrase(stated).replace(" ", "_"), aliases.values())
                self.say(f"{quoted(stated.strip())} is not a field of {talk.table.name}{near}")
                return asked
        try:
            shown = talk.state(name, value)
        except ValueProblem as problem:
            self.say(f"{Problem(name, value, str(problem))}.")
            return asked
        except OutOfScope:
            raise
        except CaseError as error:
            self.say(*(f"{problem}." for problem in error.problems))
            return asked
        if phrase(shown) != phrase(value) or name != asked:
            self.say(f"{name} is read as {shown}.")
        return asked if name != asked else None


def _matching(rules: Rules, text: str) -> Sequence[Heading]:
    """Return the tables that a name may mean: the exact one, or all that contain it."""
    exact = rules.index.get(phrase(text).replace(" ", "_"))
    return [exact] if exact else search(rules, text)


def _allowed(table: Compiled, name: str) -> str:
    """Return what may be answered, with the unit."""
    reader = case_reader(table).readers[name]
    unit = f" {reader.unit}" if reader.unit else ""
    return f"{'/'.join(reader.allowed())}{unit}"


def _first_sentence(text: str) -> str:
    """Return what a field is, in short."""
    return text.split(". ")[0].rstrip(".")


def _explained(spec: Mapping[str, Any]) -> Iterable[str]:
    """Say what a field is, where on the report it stands, and what happens when it is not stated."""
    yield str(spec["text"])
    if spec.get("where"):
        yield f"Where: {spec['where']}"
    for item in spec.get("assume", ()):
        value = item["value"]
        worded = listed(list(map(str, value))) if isinstance(value, list | tuple) else value
        yield f"Not stated: taken as {worded}, because {item['why']}"
    if spec.get("optional"):
        yield "Optional: not stated means not done."
    if not spec.get("assume") and not spec.get("optional"):
        yield "Not stated: left open, any value may be true."
