"""An assessment as labelled blocks of text, whatever they are shown on. Decides nothing.

A block has a label and lines; a line has a text and a role (`level`, `warning`, `quiet` or plain) from
which an output may choose a colour. Nothing here knows a width, a colour or a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from riskcli.assessment import Assessment, OptionAnswer, Reason
from riskcli.errors import listed

Words = Mapping[str, Any]
"""The labels of `common.yaml`."""

LEVELS = ("low", "intermediate", "high", "very_high")
_FEW = 2
"""The most fields an option is said to depend on in the short report."""
_BAR = ((0, 10), (10, 30), (30, 50), (50, 100))


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph of a block."""

    text: str
    role: str = "plain"
    hang: int = 0
    """How many columns the following lines of the paragraph are indented more than the first."""


@dataclass(frozen=True, slots=True)
class Block:
    """A label and what stands beside it."""

    label: str
    lines: tuple[Line, ...]


def outline(answer: Assessment, words: Words, full: bool = False) -> list[Block]:
    """Return the report of an answer: the short one, or everything.

    `words` are the labels of the rules the answer was made with.
    """
    blocks = [*_head(answer, words, full), *_why(answer, words, full), *_unknown(answer, words)]
    blocks += _options(answer, words, full)
    if full:
        blocks += [*_more(answer, words), *_end(answer, words)]
    blocks.append(Block(words["uncertainty"], (Line(answer.uncertainty),)))
    if not full:
        blocks.append(Block("", (Line(words["more"], "quiet"),)))
    return [block for block in blocks if block.lines]


def _head(answer: Assessment, words: Words, full: bool) -> Iterable[Block]:
    """The table and where it stands, the premises, warnings, and the level."""
    origin = answer.provenance.origin
    title = answer.title if origin == "packaged" else f"{words['local']} {origin}: {answer.title}"
    draft = answer.provenance.status == "draft"
    yield Block("", (Line(f"{title} - {words['draft']}" if draft else title, "title"),))
    premises = [item for item in answer.assumed if item.field in words["premise_fields"]]
    assumed = [item for item in answer.assumed if item.field not in words["premise_fields"]]
    whys = [item.why if full else words["premise_words"].get(item.field, item.why) for item in premises]
    yield Block(words["premises"], (Line(", ".join(whys)),) if whys else ())
    named = [f"{item.field} {_value(item.value)}" for item in assumed]
    if full:
        yield Block(
            words["assumed"],
            tuple(Line(f"{name}: {item.why}", hang=2) for name, item in zip(named, assumed, strict=True)),
        )
    elif named:
        yield Block(words["assumed"], (Line("; ".join(named), hang=2),))
    yield Block(words["warnings"], tuple(Line(text, "warning", hang=2) for text in answer.warnings))
    likelihood = answer.likelihood
    yield Block(
        words["likelihood"],
        (
            Line(f"{likelihood.words.upper()}: {likelihood.meaning}", "level"),
            Line(bar(likelihood.levels), "bar"),
            Line(words["treatment_lowers"]),
        ),
    )


def bar(levels: Iterable[str]) -> str:
    """Draw the levels still possible on a line of 0 to 100.

    Example:
        >>> bar(["high"])
        '0 [----|--------|########|--------------------] 100 in 100'
    """
    drawn = [
        ("#" if level in levels else "-") * ((below - start) * 2 // 5)
        for level, (start, below) in zip(LEVELS, _BAR, strict=True)
    ]
    return f"0 [{'|'.join(drawn)}] 100 in 100"


def _why(answer: Assessment, words: Words, full: bool) -> Iterable[Block]:
    """The rows that apply or may, and in full the factors in words."""
    if full:
        lines = [line for reason in answer.reasons for line in _reason(answer, reason, words)]
    else:
        lines = _short_reasons(answer, words)
    yield Block(words["why"], tuple(lines))
    if full:
        yield Block(
            words["factors"],
            tuple(
                Line(f"{factor.field} {_value(factor.value)}: {factor.says}", hang=2)
                for factor in answer.factors
            ),
        )
        yield Block(
            words["read"],
            tuple(
                Line(f"{item.field}: {_given(item.given)} {words['read_as']} {_value(item.read_as)}", hang=2)
                for item in answer.read
            ),
        )


def _short_reasons(answer: Assessment, words: Words) -> list[Line]:
    """The row that decides with its figure, or one row for each level still possible."""
    if len(answer.reasons) == 1:
        reason = answer.reasons[0]
        return [Line(f"{reason.why} ({_figure(reason, words)})", hang=2)]
    lines = []
    for level in reversed(answer.likelihood.levels):
        rows = [reason for reason in answer.reasons if reason.level == level]
        more = f" ({words['more_rows'].format(count=len(rows) - 1)})" if len(rows) > 1 else ""
        lead = f"{words['level_words'][level]} {words['if']} " if answer.likelihood.level is None else ""
        lines.append(Line(f"{lead}{rows[0].why}{more}", hang=2))
    return lines


def _reason(answer: Assessment, reason: Reason, words: Words) -> list[Line]:
    """One row with everything about it: what it found, the figure, its limits, who disputes it."""
    level = "" if reason.certain else f"{words['level_words'][reason.level]}: "
    lines = [Line(f"{level}{reason.why} {_cited(answer, reason.sources)} ({reason.rule})", hang=2)]
    lines.append(Line(f"  {_figure(reason, words)}", "quiet", hang=2))
    if reason.limits:
        lines.append(Line(f"  {reason.limits}", "quiet", hang=2))
    if reason.route:
        lines.append(Line(f"  {words['routes'][reason.route]}", "quiet", hang=2))
    if reason.disputed:
        level = words["level_words"][reason.disputed.level]
        cited = _cited(answer, reason.disputed.sources)
        lines.append(Line(f"  {words['disputed']} ({level}): {reason.disputed.why} {cited}", "quiet", hang=2))
    return lines


def _figure(reason: Reason, words: Words) -> str:
    """What kind of figure a row rests on, and the figure."""
    basis: str = words["basis"][reason.basis]
    figure = reason.published
    if figure is None:
        return basis
    return (
        f"{basis}: {figure.percent:g} % {figure.endpoint}, {figure.years:g} {words['years']}, "
        f"{words['treated']} {figure.treated}" + (f"; {figure.group}" if figure.group else "")
    )


def _unknown(answer: Assessment, words: Words) -> Iterable[Block]:
    """What is open and matters, what would settle it, and tests that could change it."""
    lines = []
    open_fields = [item.field for item in answer.unknown if "likelihood" in item.decides]
    if answer.to_settle:
        text = f"{words['to_settle']} {listed(answer.to_settle, words['and'])}"
        alone = [
            item.field for item in answer.unknown if item.settles == "always" and item.field in open_fields
        ]
        if alone and tuple(alone) != answer.to_settle:
            text += f"; {words['alone']} {listed(alone, words['or'])}"
        lines.append(Line(text, "warning", hang=2))
    others = [item.field for item in answer.unknown if item.field not in open_fields]
    if others:
        lines.append(Line(f"{words['for_options']} {listed(others, words['and'])}", hang=2))
    if answer.tests_that_could_change_it:
        tests = listed(answer.tests_that_could_change_it, words["and"])
        lines.append(Line(f"{words['tests']} {tests}", hang=2))
    yield Block(words["unknown"], tuple(lines) or (Line(words["nothing_unknown"]),))


def _options(answer: Assessment, words: Words, full: bool) -> Iterable[Block]:
    """The options, grouped by whether they match and by kind."""
    yield Block(words["options"], (Line(words["options_heading"], "quiet"),))
    for status in ("matches", "depends"):
        lines: list[Line] = []
        chosen = [option for option in answer.options if option.status == status]
        for kind in dict.fromkeys(option.kind for option in chosen):
            group = [option for option in chosen if option.kind == kind]
            if full:
                lines.append(Line(f"{words['kinds'][kind]}:"))
                lines += [line for option in group for line in _option(answer, option, words)]
            else:
                names = "; ".join(_short_option(option, words) for option in group)
                lines.append(Line(f"{words['kinds'][kind]}: {names}", hang=2))
        yield Block(f" {words[status]}", tuple(lines))
    if not answer.options:
        yield Block("", (Line(words["no_options"]),))


def _short_option(option: OptionAnswer, words: Words) -> str:
    """An option in a few words."""
    if option.status == "matches" or len(option.depends_on) > _FEW:
        return option.short
    return f"{option.short} ({words['on']} {listed(option.depends_on, words['and'])})"


def _option(answer: Assessment, option: OptionAnswer, words: Words) -> Iterable[Line]:
    """An option with everything about it."""
    agents = f" [{', '.join(option.agents)}]" if option.agents else ""
    depends = f" ({words['on']} {listed(option.depends_on, words['and'])})" if option.depends_on else ""
    yield Line(f"- {option.name}{depends}{agents} {_cited(answer, option.sources)}", hang=2)
    yield Line(f"  {option.why}", "quiet", hang=0)
    if option.limits:
        yield Line(f"  {option.limits}", "quiet", hang=0)
    for region, text in option.availability.items():
        yield Line(f"  {region}: {text}", "quiet", hang=2)


def _more(answer: Assessment, words: Words) -> Iterable[Block]:
    """What would change the answer, what is not supported, sites, systems, blood test, limits."""
    yield Block(
        words["changes"],
        tuple(
            Line(
                f"{change.field} {_value(change.from_)} {words['to']} {change.to}: "
                f"{_range(change.lowest, change.highest, words)}",
                hang=2,
            )
            for change in answer.what_would_change_it
        ),
    )
    yield Block(
        words["not_supported"],
        tuple(
            Line(f"- {item.name}: {item.why} {_cited(answer, item.sources)}", hang=2)
            for item in answer.not_supported
        ),
    )
    yield Block(
        words["systems"],
        tuple(
            Line(f"{item.name}: {listed(item.values, words['or'])} {_cited(answer, item.sources)}", hang=2)
            for item in answer.systems
        ),
    )
    yield Block(
        words["sites"],
        tuple(
            Line(f"- {site.site}: {site.why} {_cited(answer, site.sources)}".rstrip(), hang=2)
            for site in answer.likely_sites
        ),
    )
    yield Block(words["blood_test"], (Line(answer.blood_test),))
    yield Block(words["limits"], tuple(Line(f"- {text}", hang=2) for text in answer.limits))


def _end(answer: Assessment, words: Words) -> Iterable[Block]:
    """The sources, numbered, and where the answer comes from."""
    lines = []
    for number, source in enumerate(answer.sources.values(), 1):
        ids = [
            f"doi {source.doi}" if source.doi else "",
            f"PMID {source.pmid}" if source.pmid else "",
            source.url or "",
        ]
        seen = f"{words['seen'][source.seen]}" + (f", {source.on}" if source.on else "")
        parts = [source.title, source.at, *filter(None, ids), seen]
        lines.append(Line(f"[{number}] " + "; ".join(parts), hang=4))
    yield Block(words["sources"], tuple(lines))
    yield Block(words["provenance"], (Line(_provenance(answer, words), "quiet"),))


def _provenance(answer: Assessment, words: Words) -> str:
    """Which rules gave the answer, and where they stand."""
    origin = answer.provenance
    reviewers = [f"{person['name']} ({person['role']}, {person['date']})" for person in origin.reviewed_by]
    return "; ".join(
        (
            f"riskcli {answer.riskcli}",
            f"{words['table']} {origin.table}, {words['edition']} {origin.edition}, {origin.status}",
            f"{words['reviewed_by']} {', '.join(reviewers) or words['nobody']}",
            f"{words['evidence_checked']} {origin.evidence_checked}",
            f"{words['review_by']} {origin.review_by}",
            f"{words['origin']} {origin.origin}",
            f"sha256 {origin.sha256}",
        )
    )


def _cited(answer: Assessment, sources: Iterable[str]) -> str:
    """The numbers of sources."""
    places = list(answer.sources)
    return "".join(f"[{places.index(source) + 1}]" for source in sources)


def _range(lowest: str, highest: str, words: Words) -> str:
    """A level, or a range of them, in words."""
    names = words["level_words"]
    return str(names[lowest]) if lowest == highest else f"{names[lowest]} {words['to']} {names[highest]}"


def _value(value: object) -> str:
    """A value, or several, in words."""
    if isinstance(value, list | tuple):
        return listed([str(item) for item in value])
    return str(value)


def _given(given: object) -> str:
    """What was given, with the name it was given under when that was another."""
    if isinstance(given, dict):
        return ", ".join(f"{name} {_value(value)}" for name, value in given.items())
    return f'"{_value(given)}"'
