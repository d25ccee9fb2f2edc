"""The topics of `riskcli explain`: each a name, what it is about, and the page that tells it.

A topic is data: a new one is one more entry of `TOPICS`, whatever file its page comes from. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from riskcli.report.sections import Entry, Page, Section


@dataclass(frozen=True)
class Topic:
    """Something that can be explained."""

    name: str
    says: str
    """What it is about, in a few words."""
    page: Callable[[], Page]
    """Reads what it needs only when it is asked for."""


def _safety() -> Page:
    """Put the hazard log into a page."""
    from riskcli.hazards import read_hazards

    log = read_hazards()
    entries = tuple(
        Entry(
            hazard.hazard,
            (
                ("cause", hazard.cause),
                ("consequence", hazard.consequence),
                ("control", hazard.control),
                *(("guarded by", _guard(test)) for test in hazard.tests),
            ),
            hazard.id,
        )
        for hazard in log.hazards
    )
    return Page(log.title, (Section("Hazards", entries, numbered=True, label=""),), (log.about,))


def _guard(test: str) -> str:
    """Return the sentence that a test's name is, and where the test stands."""
    file, _, name = test.partition("::")
    return f"{name.removeprefix('test_').replace('_', ' ')} ({file})"


TOPICS: dict[str, Topic] = {
    topic.name: topic
    for topic in (Topic("safety", "What could go wrong for a patient, and what guards against it.", _safety),)
}
"""Every topic by its name, in the order in which they are listed."""


def contents() -> Page:
    """Return the list of topics as a page.

    Example:
        >>> [entry.code for section in contents().sections for entry in section.entries]
        ['safety']
    """
    entries = tuple(Entry(topic.says, code=topic.name) for topic in TOPICS.values())
    return Page("riskcli explain TOPIC", (Section("Topics", entries),))
