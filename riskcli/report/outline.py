"""An assessment as labelled blocks of text, whatever they are shown on. Decides nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from riskcli.errors import listed
from riskcli.report.blocks import LEVELS, LIKELIHOOD, Block, Line, Words, bar, time_in
from riskcli.words import say

if TYPE_CHECKING:
    from riskcli.assessment import Assessment, OptionAnswer, Reason, SystemAnswer


_FEW = 2
"""The most fields an option is said to depend on in the short report."""
_MANY = 5
"""The most groups of a published system that are listed one by one."""
_LONGEST = 100
"""The most characters of the caller's own reference that are shown."""
_BOUND = re.compile(r"(>=|<=|>|<)?(\d+(?:\.\d+)?)(?:\.\.(<?)(\d+(?:\.\d+)?))?")


def outline(answer: Assessment, words: Words, full: bool = False, panel: bool = False) -> list[Block]:
    """Return the report of an answer: the short one, or everything.

    `words` are the labels of the rules the answer was made with. `panel` puts the published systems beside
    the level, in the short report as well.
    """
    return _Report(answer, words, full, panel).blocks()


@dataclass(frozen=True)
class _Report:
    """One answer, the words for it, and how much of it is told."""

    answer: Assessment
    words: Words
    full: bool
    panel: bool

    def blocks(self) -> list[Block]:
        """Return the blocks that have something to say, in reading order."""
        blocks = [*self._head(), *self._level()]
        blocks += [self._panel()] if self.panel else []
        blocks += [*self._why(), *self._unknown(), *self._options()]
        blocks += self._more() if self.full else [self._entered()]
        blocks.append(Block(self.words["uncertainty"], (Line(self.answer.uncertainty),)))
        blocks += self._end() if self.full else [Block("", (Line(self.words["more"], "quiet"),))]
        return [block for block in blocks if block.lines]

    # ---- what was asked

    def _head(self) -> Iterable[Block]:
        """The table and where it stands, what was entered and what was taken, and warnings."""
        answer, words = self.answer, self.words
        origin = answer.provenance.origin
        title = answer.title if origin == "packaged" else f"{words['local']} {origin}: {answer.title}"
        draft = answer.provenance.status == "draft"
        yield Block("", (Line(f"{title} - {words['draft']}" if draft else title, "title"),))
        yield Block("", _one(words["draft_means"]) if draft and self.full else ())
        if answer.ref is not None:
            yield Block(words["ref"], (Line(_cut(str(answer.ref))),))
        yield from self._taken()
        if self.full:
            yield self._entered()
            yield Block(
                words["read"],
                tuple(
                    Line(
                        f"{self._called(item.field)}: {self._given(item.given)} {words['read_as']} "
                        f"{self._value(item.field, item.read_as)}",
                        hang=2,
                    )
                    for item in answer.read
                ),
            )
        yield Block(words["warnings"], _items(answer.warnings, "warning"))

    def _taken(self) -> Iterable[Block]:
        """What is taken without being stated: the premises, and what reports leave out."""
        words = self.words
        premises = [item for item in self.answer.assumed if item.field in words["premise_fields"]]
        others = [item for item in self.answer.assumed if item.field not in words["premise_fields"]]
        shown = [self._shown(item.field, item.value) for item in others]
        if not self.full:
            whys = [words["premise_words"].get(item.field, item.why) for item in premises]
            yield Block(words["premises"], _one(", ".join([*whys, *shown]), hang=2))
            return
        yield Block(words["premises"], _one(", ".join(item.why for item in premises), hang=2))
        reasons = [f"{text}: {item.why}" for text, item in zip(shown, others, strict=True)]
        yield Block(words["assumed"], _items(reasons))

    def _entered(self) -> Block:
        """What was stated, as it was read."""
        stated = [self._shown(name, value) for name, value in self.answer.case.items()]
        return Block(self.words["case"], _one("; ".join(stated), hang=2))

    def _given(self, given: object) -> str:
        """What was given, quoted, with the name it was given under when that was another."""
        if isinstance(given, dict):
            return ", ".join(f"{name} {self._given(value)}" for name, value in given.items())
        if isinstance(given, list | tuple):
            return listed([self._given(item) for item in given], self.words["or"])
        return f'"{given}"'

    # ---- the answer

    def _level(self) -> Iterable[Block]:
        """The level or range, in words, as a band and as a drawing."""
        likelihood = self.answer.likelihood
        levels = likelihood.levels
        says = f" ({self.words['levels'][levels[0]]})" if len(levels) == 1 else ""
        yield Block(
            self.words[LIKELIHOOD],
            (
                Line(
                    f"{self._range(levels).upper()}{says}: {likelihood.meaning}. "
                    f"{self.words['treatment_lowers']}",
                    "level",
                ),
                Line(bar(levels, 40), "bar", shorter=(bar(levels, 20), bar(levels, 10))),
            ),
        )

    def _panel(self) -> Block:
        """The published systems that cover the case, each with what it found and where it stands."""
        lines = []
        for item in self.answer.systems:
            if item.applies != "no":
                lines.append(Line(f"- {self._system(item)}", hang=2))
                if not self.full:
                    lines += [Line(f"  {self._standing(source)}", "quiet") for source in item.sources]
        return Block(self.words["systems"], tuple(lines) or _one(self.words["no_systems"]))

    def _system(self, item: SystemAnswer) -> str:
        """A published system, the group it gives or those still possible, and what it found of it."""
        values = list(item.values)
        if len(values) > _MANY:
            values = [*values[: _MANY - 1], self.words["more_groups"].format(count=len(values) - _MANY + 1)]
        says = f" ({item.says})" if item.says else ""
        return f"{item.name}: {listed(values, self.words['or'])}{says}{self._cited_in_full(item.sources)}"

    def _cited_in_full(self, sources: Sequence[str]) -> str:
        """Cite sources where they are listed."""
        return f" {self._cited(sources)}" if self.full else ""

    def _standing(self, name: str) -> str:
        """A source in one line: what it is, and how much of it was seen."""
        source = self.answer.sources[name]
        return f"{source.title}; {self.words['seen'][source.seen]}"

    def _why(self) -> Iterable[Block]:
        """The rows that apply or may, and in full the findings in words."""
        if not self.full:
            yield Block(self.words["why"], tuple(self._short_reasons()))
            return
        yield Block(
            self.words["why"],
            tuple(line for reason in self.answer.reasons for line in self._reason(reason)),
        )
        yield Block(
            self.words["factors"],
            tuple(
                Line(f"{self._shown(factor.field, factor.value)}: {factor.says}", hang=2)
                for factor in self.answer.factors
            ),
        )

    def _short_reasons(self) -> Iterable[Line]:
        """The row that decides with its figure; of a range, the plainest row at either end."""
        reasons, levels = self.answer.reasons, self.answer.likelihood.levels
        if len(reasons) == 1:
            yield Line(f"{reasons[0].why} ({self._figure(reasons[0])})", hang=2)
            return
        for level in dict.fromkeys((levels[-1], levels[0])):
            rows = [reason for reason in reasons if reason.level == level]
            shortest = min(rows, key=lambda reason: len(reason.why))
            why = shortest.why
            if len(levels) > 1:
                why = f"{self.words['level_words'][level]} {self.words['if']} {_inside(why)}"
            yield Line(f"{why}{self._others(len(rows) - 1)}", hang=2)

    def _others(self, count: int) -> str:
        """Say how many other rows may give the same level."""
        if not count:
            return ""
        return f" ({self.words['other_row' if count == 1 else 'other_rows'].format(count=count)})"

    def _reason(self, reason: Reason) -> Iterable[Line]:
        """One row with everything about it: what it found, the figure, its limits, who disputes it."""
        words = self.words
        why = reason.why
        if not reason.certain:
            why = f"{words['level_words'][reason.level]} {words['if']} {_inside(why)}"
        yield Line(f"- {why} {self._cited(reason.sources)} ({reason.rule})", hang=2)
        yield Line(f"  {self._figure(reason)}", "quiet")
        if reason.limits:
            yield Line(f"  {reason.limits}", "quiet")
        if reason.disputed:
            other = words["level_words"][reason.disputed.level]
            cited = self._cited(reason.disputed.sources)
            yield Line(f"  {words['disputed']} ({other}): {reason.disputed.why} {cited}", "quiet")
        if reason.route and reason is self._first_on(reason.route):
            yield Line(f"  {words['routes'][reason.route]}", "quiet")

    def _first_on(self, route: str) -> Reason:
        """Return the first row of a route of spread: the route is told once."""
        return next(reason for reason in self.answer.reasons if reason.route == route)

    def _figure(self, reason: Reason) -> str:
        """What kind of figure a row rests on, and the figure."""
        words, figure = self.words, reason.published
        basis: str = words["basis"][reason.basis]
        if figure is None:
            return basis
        if reason.basis == "judgement":
            basis = words["beside"]
        group = f"; {figure.group}" if figure.group and self.full else ""
        return (
            f"{basis} {figure.percent:g} % {figure.endpoint}, {time_in(words, figure.years)}, "
            f"{words['treated']} {figure.treated}{group}"
        )

    # ---- what is missing

    def _unknown(self) -> Iterable[Block]:
        """What is open and matters, what would settle it, and tests that could change it."""
        answer, words = self.answer, self.words
        lines = [*self._settling()]
        others = [item.field for item in answer.unknown if LIKELIHOOD not in item.decides]
        if others:
            lines.append(Line(f"{words['for_options']} {self._listed(others)}", hang=2))
        tests = answer.tests_that_could_change_it
        if tests:
            lines.append(Line(f"{words['tests']} {self._listed(tests)}", hang=2))
        yield Block(words["unknown"], tuple(lines) or (Line(words["nothing_unknown"]),))

    def _settling(self) -> Iterable[Line]:
        """Say what settles the level: one field of several, or the smallest set."""
        answer, words = self.answer, self.words
        if not answer.to_settle:
            return
        deciding = [item for item in answer.unknown if LIKELIHOOD in item.decides]
        alone = [item.field for item in deciding if item.settles == "always"]
        if len(alone) > 1:
            text = f"{words['one_of']} {self._listed(alone, words['or'])}"
        else:
            text = f"{words['to_settle']} {self._listed(answer.to_settle)}"
        yield Line(text, "warning", hang=2)
        may = [item.field for item in deciding if item.settles == "sometimes"]
        if self.full and may:
            yield Line(f"{words['sometimes']} {self._listed(may, words['or'])}", hang=2)

    # ---- the options

    def _options(self) -> Iterable[Block]:
        """The options, grouped by whether they match and by kind."""
        words, options = self.words, self.answer.options
        heading = words["not_considered" if self.full else "options_heading"]
        yield Block(words["options"], (Line(heading),))
        for status in ("matches", "depends"):
            lines: list[Line] = []
            chosen = [option for option in options if option.status == status]
            for kind in dict.fromkeys(option.kind for option in chosen):
                group = [option for option in chosen if option.kind == kind]
                if self.full:
                    lines.append(Line(f"{words['kinds'][kind]}:"))
                    lines += [line for option in group for line in self._option(option)]
                else:
                    names = "; ".join(f"{option.short}{self._depends(option)}" for option in group)
                    lines.append(Line(f"{words['kinds'][kind]}: {names}", hang=2))
            yield Block(f" {words[status]}", tuple(lines))
        if not options:
            yield Block("", (Line(words["no_options"]),))

    def _depends(self, option: OptionAnswer) -> str:
        """What an option depends on, in brackets, the first of which says so; many are named in full only."""
        if not self._bracketed(option):
            return ""
        fields = ", ".join(map(self._called, option.depends_on))
        first = next(item for item in self.answer.options if self._bracketed(item))
        return f" [{self.words['on']} {fields}]" if option is first else f" [{fields}]"

    def _bracketed(self, option: OptionAnswer) -> bool:
        """Say whether it is told what an option depends on."""
        return option.status == "depends" and (self.full or len(option.depends_on) <= _FEW)

    def _option(self, option: OptionAnswer) -> Iterable[Line]:
        """An option with everything about it."""
        agents = f" ({', '.join(option.agents)})" if option.agents else ""
        yield Line(f"- {option.name}{self._depends(option)}{agents} {self._cited(option.sources)}", hang=2)
        yield Line(f"  {option.why}", "quiet")
        if option.limits:
            yield Line(f"  {option.limits}", "quiet")
        for region, text in option.availability.items():
            yield Line(f"  {region}: {text}", "quiet", hang=2)

    # ---- the rest of the full report

    def _more(self) -> Iterable[Block]:
        """What would change the answer, what is not supported, systems, sites, blood test, limits."""
        answer, words = self.answer, self.words
        changes = [
            f"{self._shown(change.field, change.to)} {words['instead_of']} "
            f"{self._value(change.field, change.from_)}: "
            f"{self._range(_between(change.lowest, change.highest))}"
            for change in answer.what_would_change_it
        ]
        yield Block(words["changes"], _items(changes))
        ruled_out = [f"{item.name}: {item.why} {self._cited(item.sources)}" for item in answer.not_supported]
        yield Block(words["not_supported"], _items(ruled_out))
        if not self.panel:
            yield Block(words["systems"], _items([self._system(item) for item in answer.systems]))
        sites = [f"{site.site}: {site.why} {self._cited(site.sources)}" for site in answer.likely_sites]
        yield Block(words["sites"], _items(sites))
        yield Block(words["blood_test"], (Line(answer.blood_test),))
        yield Block(words["limits"], _items(answer.limits))

    def _end(self) -> Iterable[Block]:
        """The sources, numbered, and where the answer comes from."""
        lines = []
        for number, source in enumerate(self.answer.sources.values(), 1):
            ids = [f"doi {source.doi}" if source.doi else "", f"PMID {source.pmid}" if source.pmid else ""]
            seen = f"{self.words['seen'][source.seen]}" + (f", {source.on}" if source.on else "")
            parts = [source.title, source.at, *filter(None, ids), seen]
            lines.append(Line(f"[{number}] " + "; ".join(parts), hang=4))
            if source.url:
                lines.append(Line(f"    {source.url}", "quiet"))
        yield Block(self.words["sources"], tuple(lines))
        yield Block(self.words["provenance"], (Line(self._provenance(), "quiet"),))

    def _provenance(self) -> str:
        """Which rules gave the answer, and where they stand."""
        words, origin = self.words, self.answer.provenance
        reviewers = [
            f"{person['name']} ({person['role']}, {person['date']})" for person in origin.reviewed_by
        ]
        return "; ".join(
            (
                f"riskcli {self.answer.riskcli}",
                f"{words['table']} {origin.table}, {words['edition']} {origin.edition}, "
                f"{say(f'codes.status.{origin.status}')}",
                f"{words['reviewed_by']} {', '.join(reviewers) or words['nobody']}",
                f"{words['evidence_checked']} {origin.evidence_checked}",
                f"{words['review_by']} {origin.review_by}",
                f"{words['origin']} {origin.origin}",
                f"sha256 {origin.sha256}",
            )
        )

    # ---- words

    def _called(self, name: str) -> str:
        """What a field is called to people: without underscores and units."""
        if name in self.words["called"]:
            return str(self.words["called"][name])
        return name.removesuffix(self._unit(name)[0]).replace("_", " ")

    def _unit(self, name: str) -> tuple[str, str]:
        """The end of a field's name that is its unit, and the unit as people write it."""
        for end, unit in self.words["units"].items():
            if name.endswith(f"_{end}"):
                return f"_{end}", f" {unit}"
        return "", ""

    def _shown(self, name: str, value: object) -> str:
        """A field with its value and unit."""
        return f"{self._called(name)} {self._value(name, value)}"

    def _value(self, name: str, value: object) -> str:
        """A value in words, several with `or`; a number with its unit, a bound or range spelled out."""
        if isinstance(value, list | tuple):
            return listed([self._value(name, item) for item in value], self.words["or"])
        text = str(value)
        if not (found := _BOUND.fullmatch(text)):
            return text.replace("_", " ")
        sign, low, below, high = found.groups(default="")
        bounds, unit = self.words["bounds"], self._unit(name)[1]
        if not high:
            low += unit
        low = bounds[sign].format(low) if sign else low
        return f"{low} {bounds['below' if below else 'to'].format(high)}{unit}" if high else low

    def _listed(self, names: Sequence[str], last: str | None = None) -> str:
        """Fields as a person lists them."""
        return listed([self._called(name) for name in names], last or self.words["and"])

    def _cited(self, sources: Iterable[str]) -> str:
        """The numbers of sources."""
        places = list(self.answer.sources)
        return "".join(f"[{places.index(source) + 1}]" for source in sources)

    def _range(self, levels: Sequence[str]) -> str:
        """Levels in words: one, two with `or`, a run of them from the lowest to the highest."""
        names = [str(self.words["level_words"][level]) for level in levels]
        places = [LEVELS.index(level) for level in levels]
        if len(levels) > 2 and places[-1] - places[0] == len(levels) - 1:
            return f"{names[0]} {self.words['to']} {names[-1]}"
        return listed(names, self.words["or"])


def _between(lowest: str, highest: str) -> Sequence[str]:
    """The ends of a range of levels, and what lies between them."""
    return LEVELS[LEVELS.index(lowest) : LEVELS.index(highest) + 1]


def _one(text: str, hang: int = 0) -> tuple[Line, ...]:
    """A line, or none where there is nothing to say."""
    return (Line(text, hang=hang),) if text else ()


def _items(texts: Sequence[str], role: str = "plain") -> tuple[Line, ...]:
    """A list: with dashes when it has several entries."""
    lines = [Line(text.rstrip(), role, hang=2) for text in texts]
    if len(lines) < 2:
        return tuple(lines)
    return tuple(replace(line, text=f"- {line.text}") for line in lines)


def _inside(text: str) -> str:
    """Begin a text in lower case, as inside a sentence, unless it begins with an abbreviation."""
    return text if text[1:2].isupper() else f"{text[:1].lower()}{text[1:]}"


def _cut(text: str) -> str:
    """Shorten a text that would fill the screen."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
