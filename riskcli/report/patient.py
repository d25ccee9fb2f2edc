"""An answer for the person whose answer it is, in plain words. Decides nothing.

The page is the same blocks of lines as the report for a clinician. It shows the level with the edges of its
band, both ways round, and no figure when more than two levels are possible. What a person cannot weigh alone
(sites of spread, single rows, unsupported treatments, what would change the level) is not on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from riskcli.errors import listed
from riskcli.report.blocks import LEVELS, Block, Line, Words, bar, report_words, time_in

if TYPE_CHECKING:
    from riskcli.assessment import Assessment, Level
    from riskcli.compiled import Compiled
    from riskcli.plain_words import PatientPage, Statement

_WHOLE = 100
"""The people of whom a band says how many."""
MOST_LEVELS = 2
"""The most levels that may be possible for a number to be shown."""
_LONGEST = 100
"""The most characters of the caller's own reference that are shown."""


@dataclass(frozen=True)
class PatientWords:
    """The sentences of the page, and the words that every report shares."""

    page: PatientPage
    shared: Words
    bands: dict[str, tuple[int, int]]
    """The edges of every level, in a hundred."""


def patient_words(table: Compiled, page: PatientPage) -> PatientWords:
    """Return the words of the page on a table's answers."""
    bands = {level["id"]: (level["from"], level["below"]) for level in table.common["levels"]}
    return PatientWords(page, report_words(table), bands)


def page_words(words: PatientWords) -> Words:
    """Return the words of the page as a file: its own headings, and its own words of picture and notes."""
    page, shared = words.page, words.shared
    labels = {f"patient_{key}": label for key, label in page.labels.model_dump().items()}
    headings = {f"patient_{key}": text for key, text in page.headings.model_dump().items()}
    says = {
        **shared["page"],
        **page.notes.model_dump(exclude={"from_"}),
        "headings": {**shared["page"]["headings"], **headings},
        "picture": page.squares.model_dump(exclude={"from_"}),
    }
    return {**shared, **labels, "patient_uncertainty": shared["uncertainty"], "page": says}


def patient_blocks(answer: Assessment, words: PatientWords) -> list[Block]:
    """Return the page on an answer for the person whose answer it is.

    Example:
        >>> import riskcli
        >>> from riskcli.plain_words import read_patient
        >>> words = patient_words(riskcli.load_rules().get("breast"), read_patient())
        >>> blocks = patient_blocks(riskcli.assess({"cancer": "breast"}), words)
        >>> [block.lines[0].text for block in blocks if block.label == "The level"]
        ['Not enough is known yet to give a level.']
    """
    return _Page(answer, words).blocks()


@dataclass(frozen=True)
class _Page:
    """One answer, and the words for it."""

    answer: Assessment
    words: PatientWords

    def blocks(self) -> list[Block]:
        """Return the blocks that have something to say, in reading order."""
        page = self.words.page
        blocks = [
            *self._head(),
            Block(page.labels.hidden, _paragraphs(page.hidden)),
            *self._level(),
            Block(page.labels.guess, _paragraphs(page.guess)),
            Block(page.labels.treatment, _paragraphs(page.treatment)),
            Block(page.labels.options, tuple(self._options())),
            Block(page.labels.questions, (Line(page.questions.say), *_items(page.questions.ask))),
            Block(page.labels.support, tuple(self._support())),
            Block(self.words.shared["uncertainty"], (Line(self.answer.uncertainty),)),
            Block("", (Line(page.longer.say), Line(self._made_with(), "quiet"))),
        ]
        return [block for block in blocks if block.lines]

    # ---- what was asked

    def _head(self) -> Iterator[Block]:
        """The table and where it stands, warnings, and what the page rests on."""
        answer, page, shared = self.answer, self.words.page, self.words.shared
        origin, draft = answer.provenance.origin, answer.provenance.status == "draft"
        title = answer.title if origin == "packaged" else f"{shared['local']} {origin}: {answer.title}"
        yield Block("", (Line(f"{title} - {shared['draft']}" if draft else title, "title"),))
        if answer.ref is not None:
            yield Block(shared["ref"], (Line(str(answer.ref)[:_LONGEST]),))
        yield Block(page.labels.about, _paragraphs((*page.about, *([page.draft] if draft else []))))
        if answer.warnings:
            yield Block(shared["warnings"], (Line(page.warned.say, "warning"),))
        yield Block(page.labels.premises, tuple(self._premises()))

    def _premises(self) -> Iterator[Line]:
        """What is taken without being stated."""
        premises, fields = self.words.page.premises, [item.field for item in self.answer.assumed]
        named = [premises.names[field] for field in fields if field in premises.names]
        if named:
            yield Line(premises.say)
            yield from _items(named)
        if len(named) < len(fields):
            yield Line(premises.others.say)

    # ---- the level

    def _level(self) -> Iterator[Block]:
        """The level with its numbers, or what is missing for one."""
        page, levels = self.words.page, self.answer.likelihood.levels
        if len(levels) > MOST_LEVELS:
            yield Block(page.labels.level, (Line(page.not_enough.say, "level"), *self._awaited()))
            return
        if levels[0] in page.first:
            yield Block(page.labels.first, _paragraphs((page.first[levels[-1]], page.next)))
        yield Block(page.labels.level, tuple(self._numbers(levels)))
        yield Block(page.labels.unknown, tuple(self._awaited()))

    def _numbers(self, levels: Sequence[Level]) -> Iterator[Line]:
        """The level in words, and how many of a hundred, both ways round."""
        page = self.words.page
        time = time_in(self.words.shared, self.answer.likelihood.horizon_years)
        yield Line(self._named(levels), "level")
        yield Line(page.group.say.format(time=time))
        yield from _items(
            [
                page.will.say.format(count=self._counted(levels, self._will)),
                page.will_not.say.format(count=self._counted(levels, self._will_not)),
            ]
        )
        yield Line(page.picture.say)
        yield Line(bar(levels, 40), "bar", shorter=(bar(levels, 20), bar(levels, 10)))
        yield Line(f"{page.treatment_lowers.say} {page.one_person.say}")

    def _named(self, levels: Sequence[Level]) -> str:
        """Return the level in a sentence, or the two that are possible."""
        page = self.words.page
        if len(levels) == 1:
            return page.levels[levels[0]].say
        names = [page.levels[level].word for level in levels]
        return page.two_levels.say.format(levels=listed(names, self.words.shared["or"]))

    def _counted(self, levels: Sequence[Level], say: Callable[[int, int], str]) -> str:
        """Return how many: one span where the levels are neighbours, two where they are not."""
        places = [LEVELS.index(level) for level in levels]
        edges = [self.words.bands[level] for level in levels]
        if max(places) - min(places) == len(places) - 1:
            return say(min(low for low, _ in edges), max(high for _, high in edges))
        first, second = (say(low, high) for low, high in edges)
        return self.words.page.counts.joined.format(first=first, second=second)

    def _will(self, low: int, high: int) -> str:
        """Return how many of a hundred a band holds."""
        counts = self.words.page.counts
        form = counts.below if low == 0 else counts.at_least if high == _WHOLE else counts.between
        return form.format(low=low, high=high)

    def _will_not(self, low: int, high: int) -> str:
        """Return how many of a hundred are left."""
        counts = self.words.page.counts
        form = counts.over if low == 0 else counts.up_to if high == _WHOLE else counts.between
        return form.format(low=_WHOLE - high, high=_WHOLE - low)

    def _awaited(self) -> Iterator[Line]:
        """The results that would settle the level, by their plain names."""
        if self.answer.to_settle:
            page, called = self.words.page, self.words.shared["called"]
            names = [
                page.results.names.get(field) or called.get(field) or field.replace("_", " ")
                for field in self.answer.to_settle
            ]
            yield Line(page.awaited.say)
            yield from _items(dict.fromkeys(names))
            yield Line(page.then.say)

    # ---- what can be done

    def _options(self) -> Iterator[Line]:
        """The kinds of treatment to talk about; that the team decides comes first."""
        says, chosen = self.words.page.options, self.answer.options
        matching = dict.fromkeys(option.kind for option in chosen if option.status == "matches")
        depending = dict.fromkeys(option.kind for option in chosen if option.kind not in matching)
        yield Line(says.decides.say)
        for heading, kinds in ((says.matches, matching), (says.depends, depending)):
            if kinds:
                yield Line(heading.say)
                yield from _items(self.words.page.kinds[kind].say for kind in kinds)
        yield Line(says.not_considered.say if chosen else says.none.say)

    def _support(self) -> Iterator[Line]:
        """Who helps, with the day on which their page was looked at."""
        support = self.words.page.support
        if support.where:
            yield Line(support.say)
            yield from _items(
                f"{place.country}: {place.name}: {place.say} ({place.looked_at})" for place in support.where
            )
        yield Line(support.elsewhere.say)

    def _made_with(self) -> str:
        """Return what the page can be traced by."""
        shared, kept = self.words.shared, self.answer.provenance
        return (
            f"riskcli {self.answer.riskcli}; {shared['table']} {kept.table}, "
            f"{shared['edition']} {kept.edition} ({kept.sha256[:12]})"
        )


def _paragraphs(statements: Iterable[Statement]) -> tuple[Line, ...]:
    """A paragraph for each statement."""
    return tuple(Line(statement.say) for statement in statements)


def _items(texts: Iterable[str]) -> tuple[Line, ...]:
    """A list with dashes."""
    return tuple(Line(f"- {text}", hang=2) for text in texts)
