"""The topics of `riskcli explain`: each a name, what it is about, and the page that tells it.

A topic is data: a page of rules/explain.yaml, or one more entry of `TOPICS`, whatever file its page comes
from. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from riskcli.case import cancer_id
from riskcli.errors import CaseError, Problem, hint, quoted
from riskcli.report.sections import Entry, Page, Section
from riskcli.values import phrase
from riskcli.words import all_of, any_of, say

if TYPE_CHECKING:
    from riskcli.background import Background, Subject
    from riskcli.loader import Rules


@dataclass(frozen=True)
class Topic:
    """Something that can be explained."""

    name: str
    says: str
    """What it is about, in a few words."""
    page: Callable[[], Page]
    """Reads what it needs only when it is asked for."""
    of_cancer: Callable[[Rules, str], Page] | None = None
    """The page for one cancer, where there is one."""
    sections: tuple[str, ...] = ()
    """The ids of its sections, by which it can be found."""


def _safety() -> Page:
    """Put the hazard log into a page."""
    from riskcli.hazards import read_hazards

    log = read_hazards()
    entries = tuple(
        Entry(
            hazard.hazard,
            (
                (say("explain.safety.cause"), hazard.cause),
                (say("explain.safety.consequence"), hazard.consequence),
                (say("explain.safety.control"), hazard.control),
                *((say("explain.safety.guarded_by"), _guard(test)) for test in hazard.tests),
            ),
            hazard.id,
        )
        for hazard in log.hazards
    )
    return Page(
        log.title, (Section(say("explain.safety.hazards"), entries, numbered=True, label=""),), (log.about,)
    )


def _guard(test: str) -> str:
    """Return the sentence that a test's name is, and where the test stands."""
    file, _, name = test.partition("::")
    return f"{name.removeprefix('test_').replace('_', ' ')} ({file})"


TOPICS: dict[str, Topic] = {topic.name: topic for topic in (Topic("safety", "", _safety),)}
"""The topics that are no page of the background, by their names; what they are about stands in words.yaml."""


def topics() -> dict[str, Topic]:
    """Return every topic by its name, in the order in which they are listed: the background, then the others.

    Raises:
        RuleFileError: the pages of the background are faulty.
    Example:
        >>> list(topics())[0], list(topics())[-1]
        ('micrometastases', 'safety')
    """
    from riskcli.background import read_background

    background = read_background()
    others = {
        name: replace(topic, says=topic.says or say(f"explain.about.{name}"))
        for name, topic in TOPICS.items()
    }
    return {subject.id: _told(subject, background) for subject in background.pages} | others


def _told(subject: Subject, background: Background) -> Topic:
    """Return the topic of one page of the background."""

    def page() -> Page:
        from riskcli.loader import COMMON, packaged_directory
        from riskcli.report.background import subject_page
        from riskcli.rule_files import read_common

        return subject_page(subject, background, read_common(packaged_directory() / COMMON))

    def of_cancer(rules: Rules, name: str) -> Page:
        from riskcli.report.background import cancer_page

        return cancer_page(subject, background, rules, name)

    sections = tuple(section.id for section in subject.sections)
    return Topic(subject.id, subject.about, page, of_cancer if subject.for_cancer else None, sections)


def find_topic(given: str, cancers: Collection[str] = ()) -> Topic:
    """Return a topic by its name, however it is joined.

    Raises:
        CaseError: there is none; the sentence has the nearest, or what a cancer's name goes with.
    Example:
        >>> find_topic("Blood tests").name
        'blood-tests'
    """
    every = topics()
    name = phrase(given).replace(" ", "-")
    if name in every:
        return every[name]
    within = [topic.name for topic in every.values() if name in topic.sections]
    told, names = quoted(given), any_of(list(every))
    if name.replace("-", "_") in cancers:
        command = f"riskcli explain {_with_cancer(every)[0]} {name.replace('-', '_')}"
        message = say("explain.no_topic_cancer", given=told, topics=names, command=command)
    elif len(within) == 1:
        message = say("explain.no_topic_within", given=told, topics=names, topic=within[0])
    else:
        message = say("explain.no_topic", given=told, topics=names, near=hint(name, every))
    raise CaseError([Problem(None, given, message, tuple(every))])


def cancer_topic(topic: Topic, rules: Rules, given: str) -> Page:
    """Return the page of a topic for one cancer.

    Raises:
        CaseError: the topic has no such pages, or the cancer has no table.
        RuleFileError: the table is faulty.
    Example:
        >>> from riskcli.loader import load_rules
        >>> cancer_topic(find_topic("sites"), load_rules(), "other solid").sections[0].heading
        'First sites'
    """
    if topic.of_cancer is None:
        message = say("explain.in_general", topic=topic.name, others=all_of(_with_cancer(topics())))
        raise CaseError([Problem(None, given, message)])
    name = cancer_id(given)
    if name not in rules.names:
        raise rules.no_table(given)
    return topic.of_cancer(rules, name)


def _with_cancer(every: Mapping[str, Topic]) -> list[str]:
    """Return the topics that have a page for each cancer."""
    return [topic.name for topic in every.values() if topic.of_cancer]


def contents() -> Page:
    """Return the list of topics as a page.

    Example:
        >>> [entry.code for section in contents().sections for entry in section.entries][:3]
        ['micrometastases', 'primary-and-secondary', 'spread']
    """
    from riskcli.background import read_background

    every = topics()
    entries = tuple(Entry(topic.says, code=topic.name) for topic in every.values())
    with_cancer = _with_cancer(every)
    cancers = read_background().words.cancers.format(topics=all_of(with_cancer), topic=with_cancer[0])
    return Page(
        say("explain.heading"), (Section(say("explain.topics"), entries), Section("", intro=(cancers,)))
    )
