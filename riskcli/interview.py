"""The questions of `riskcli assess` on a terminal: one a line, only what can still change the answer.

Plain lines in and out, nothing redrawn, so that it works on a dumb terminal and with a screen reader.
What is asked next comes from the engine; this module only words it.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from riskcli.assessment import Assessment
from riskcli.case import case_reader, read_case
from riskcli.compiled import Compiled
from riskcli.errors import CaseError, OutOfScope, listed
from riskcli.evaluate import LIKELIHOOD, assess_facts
from riskcli.loader import Heading, Rules, search
from riskcli.values import ValueProblem, phrase

Read = Callable[[], str]
Write = Callable[[str], None]
Found = tuple[Compiled, dict[str, Any], str]

HELP = (
    "Answer in the report's own words. Enter: not stated. unknown: open. ?: what it is. back: the question "
    "before. done: answer now. quit: stop. FIELD=VALUE states any field, at any time.\n"
)


class Quit(Exception):
    """The person stopped before an answer."""


@dataclass(frozen=True)
class Question:
    """One question: the field, whether it decides the level, and how many may follow."""

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

    def assess(self) -> Assessment:
        """Return the answer to what is stated so far."""
        return assess_facts(read_case(self.answers, self.table))

    def _open_record(self) -> dict[str, Any]:
        """Return the record in which nothing that was not yet asked is assumed or left undone."""
        fields: Mapping[str, Any] = self.table.table["fields"]
        taken = {
            name: "unknown"
            for name, spec in fields.items()
            if name not in self.asked and (spec.get("optional") or spec.get("assume"))
        }
        return {**taken, **self.answers}

    def next_question(self) -> Question | None:
        """Return the next question, or None when nothing left to ask can change the answer.

        Raises:
            CaseError: what was answered cannot be.
        """
        answer = assess_facts(read_case(self._open_record(), self.table))
        open_fields = {item.field: item.decides for item in answer.unknown if item.field not in self.asked}
        for_level = [name for name, decides in open_fields.items() if LIKELIHOOD in decides]
        ordered = self._in_order(for_level) + self._in_order(set(open_fields) - set(for_level))
        if not ordered:
            return None
        return Question(ordered[0], ordered[0] in for_level, len(ordered), answer.likelihood.levels)

    def _in_order(self, names: Sequence[str] | set[str]) -> list[str]:
        """Sort fields as the table has them: documented factors, markers, treatment context."""
        panels = ("factor", "marker", "context")
        fields: Mapping[str, Any] = self.table.table["fields"]
        order = list(fields)
        return sorted(names, key=lambda name: (panels.index(fields[name]["panel"]), order.index(name)))

    def state(self, name: str, text: str) -> str:
        """Take a value for a field and return how it was read.

        Raises:
            ValueProblem: the value is not allowed.
            CaseError: it contradicts another one, or leaves the table's scope (then it is kept).
        """
        reader = case_reader(self.table).readers[name]
        try:
            reading = reader.read(text)
        except ValueProblem:
            whole = [word for word in reader.domain.words if phrase(word).startswith(phrase(text))]
            if len(whole) != 1:
                raise
            text = whole[0]
            reading = reader.read(text)
        before = dict(self.answers)
        self.answers[name] = text
        try:
            read_case(self.answers, self.table)
        except OutOfScope:
            raise
        except CaseError:
            self.answers = before
            raise
        if name not in self.asked:
            self.asked.append(name)
        return str(listed(reading.shown) if isinstance(reading.shown, list) else reading.shown)

    def skip(self, name: str) -> None:
        """Leave a field not stated."""
        self.answers.pop(name, None)
        if name not in self.asked:
            self.asked.append(name)

    def back(self) -> str | None:
        """Forget the last question and its answer; return its field."""
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


def interview(rules: Rules, read: Read, write: Write) -> Found | None:
    """Ask until nothing left can change the answer; return the table, the record and the command.

    None when the person quits. `read` returns one line with its end, or nothing at the end of input.

    Raises:
        OutOfScope: an answer shows that no table covers the case.
    """
    try:
        table = _choose(rules, read, write)
        talk = Interview(table)
        _ask_all(talk, read, write)
    except Quit:
        return None
    return table, talk.answers, talk.command()


def _line(read: Read, write: Write, prompt: str) -> str:
    """Ask for one line.

    Raises:
        Quit: the input ended.
    """
    write(prompt)
    text = read()
    if not text:
        write("\nThe input ended.\n")
        raise Quit
    return text.strip()


def _choose(rules: Rules, read: Read, write: Write) -> Compiled:
    """Ask for the cancer, by part of its name."""
    headings = rules.index
    write("Which cancer? Part of a name is enough; there are tables for:\n")
    for heading in headings.values():
        write(f"  {heading.cancer}: {heading.title}\n")
    while True:
        text = _line(read, write, "cancer> ")
        if text in ("quit", "exit"):
            raise Quit
        if not text or text == "?":
            write(f"Write one of {listed(list(headings))}, or part of another name (bowel).\n")
            continue
        found = _matching(rules, text)
        if len(found) == 1:
            table = rules.get(found[0].cancer)
            write(f"{found[0].title}.\n{table.table['scope']}\n")
            return table
        if found:
            write(f"That fits {listed([heading.cancer for heading in found], 'and')}; write one of them.\n")
            continue
        try:
            rules.get(text)
        except CaseError as error:
            write(f"{error.problems[0].message}\n")


def _matching(rules: Rules, text: str) -> Sequence[Heading]:
    """Return the tables that a name may mean: the exact one, or all that contain it."""
    plain = phrase(text).replace(" ", "_")
    exact = rules.index.get(plain)
    return [exact] if exact else search(rules, text)


def _ask_all(talk: Interview, read: Read, write: Write) -> None:
    """Ask question after question."""
    premises = case_reader(talk.table).premises
    taken = ", ".join(premise["why"] for premise in premises.values())
    write(f"Taken as so: {taken}. If not, say which: {listed([f'{name}=...' for name in premises])}\n")
    write(HELP)
    repeat: Question | None = None
    for_level = True
    while True:
        question = repeat or talk.next_question()
        if question is None:
            return
        repeat = None
        if for_level and not question.for_level:
            write("The level is settled as far as it can be; the rest matters to the options only.\n")
        for_level = question.for_level
        levels = listed([level.replace("_", " ") for level in question.levels])
        left = "last question" if question.left == 1 else f"at most {question.left} questions left"
        write(f"\n[{left}; still possible: {levels}]\n")
        text = _line(read, write, _prompt(talk.table, question.field))
        if text == "done":
            return
        if text in ("quit", "exit"):
            write(f"So far:\n  {talk.command()}\n")
            raise Quit
        repeat = _take(talk, question, text, write)


def _take(talk: Interview, question: Question, text: str, write: Write) -> Question | None:
    """Take one line; return the question when it is to be asked again."""
    name = question.field
    if text == "?":
        write(_explained(talk.table, name))
        return question
    if text == "back":
        before = talk.back()
        write(f"Back to {before}.\n" if before else "This is the first question.\n")
        return None
    if not text:
        talk.skip(name)
        return None
    stated, equals, value = text.partition("=")
    other = case_reader(talk.table).aliases.get(phrase(stated)) if equals else None
    if other and stated.strip() and not stated.strip().endswith((">", "<")):
        name, text = other, value.strip()
    try:
        shown = talk.state(name, text)
    except OutOfScope:
        raise
    except ValueProblem as problem:
        write(f"{name}: {problem}\n")
        return question
    except CaseError as error:
        write("".join(f"{problem}\n" for problem in error.problems))
        return question
    if phrase(shown) != phrase(text) or name != question.field:
        write(f"{name} is read as {shown}.\n")
    return None if name == question.field else question


def _prompt(table: Compiled, name: str) -> str:
    """Word the question for a field: its name, what it is and what may be answered."""
    reader = case_reader(table).readers[name]
    unit = f" {reader.unit}" if reader.unit else ""
    text = str(table.table["fields"][name]["text"]).split(". ")[0].rstrip(".")
    return f"{text}\n{name} ({'/'.join(reader.allowed())}{unit})> "


def _explained(table: Compiled, name: str) -> str:
    """Say what a field is and where on the report it stands."""
    spec = table.table["fields"][name]
    where = f"\nWhere: {spec['where']}" if spec.get("where") else ""
    taken = "".join(
        f"\nNot stated: taken as {item['value']}, because {item['why']}" for item in spec.get("assume", ())
    )
    optional = "\nOptional: not stated means not done." if spec.get("optional") else ""
    return f"{spec['text']}{where}{taken}{optional}\n"
