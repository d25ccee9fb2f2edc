"""The pages of the background: nothing of the page they began from is missing, and no sentence is copied."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from riskcli.background import Statement, read_background
from riskcli.errors import RuleFileError
from riskcli.loader import Rules, load_rules

DATA = Path(__file__).parent / "data"
BACKGROUND = read_background()
STATEMENTS: dict[str, Statement] = {
    f"{page.id}/{section.id}/{statement.id}": statement
    for page in BACKGROUND.pages
    for section in page.sections
    for statement in section.says
}
CLAIMS = yaml.safe_load((DATA / "seed_claims.yaml").read_text(encoding="utf-8"))["claims"]
SEED, OURSELVES = "seed", "riskcli"
RUN = 8
"""The words in a row that would be a copy."""
CANARY = "A canary of nine plain words proves the hashing."


# ---- what the pages have to say


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim["claim"])
def test_every_claim_is_told_where_it_is_said_to_be(claim: dict[str, str | list[str]]) -> None:
    place = str(claim["at"])
    assert place in STATEMENTS
    said = STATEMENTS[place].text.lower()
    assert [word for word in claim["words"] if word.lower() not in said] == []
    assert SEED in STATEMENTS[place].from_


def test_nothing_is_ascribed_to_the_page_that_is_no_claim_of_it() -> None:
    ascribed = {place for place, statement in STATEMENTS.items() if SEED in statement.from_}
    assert ascribed == {claim["at"] for claim in CLAIMS}


def test_the_claims_are_many_and_each_is_counted_once() -> None:
    assert len({claim["claim"] for claim in CLAIMS}) == len(CLAIMS) >= 75
    assert all(claim["words"] for claim in CLAIMS)


def test_the_topics_that_must_be_told_are_there_in_reading_order() -> None:
    assert [page.id for page in BACKGROUND.pages] == [
        "micrometastases",
        "primary-and-secondary",
        "spread",
        "sites",
        "sentinel-nodes",
        "blood-tests",
        "factors",
        "best-guess",
        "adjuvant",
        "uncertainty",
    ]
    factors = next(page for page in BACKGROUND.pages if page.id == "factors")
    assert [section.id for section in factors.sections] == [
        "published-experience",
        "vascular-invasion",
        "grade",
        "lymph-nodes",
    ]


def test_what_is_from_elsewhere_was_seen_and_can_be_looked_up() -> None:
    for name, source in BACKGROUND.sources.items():
        assert source.seen != "not_seen", name
        assert name in (SEED, OURSELVES) or source.url or source.doi or source.pmid, name


def test_a_micrometastasis_in_a_node_is_told_apart() -> None:
    page = " ".join(text for place, text in texts() if place.startswith("micrometastases/not-the-deposit"))
    assert "pN1mi" in page
    assert "over 0.2 mm, none of them over 2 mm" in page
    assert "unseen" in page


def test_the_pages_keep_to_what_may_be_said() -> None:
    never = re.compile(r"recommended|\bshould\b|survival chance|cure rate|you have", re.I)
    words = BACKGROUND.words.model_dump().values()
    assert [text for text in (*words, *(text for _, text in texts())) if never.search(text)] == []


def test_the_spelling_is_british() -> None:
    american = re.compile(r"tumor\b|\bcenter|hematolog|esophag|\bfiber|\bcolor|[^m]etastasiz|leukemia", re.I)
    assert [place for place, text in texts() if american.search(text)] == []


# ---- in our own words


def texts() -> Iterator[tuple[str, str]]:
    """Give every text of the pages with its place."""
    for page in BACKGROUND.pages:
        yield page.id, f"{page.title}. {page.about}"
        for section in page.sections:
            yield f"{page.id}/{section.id}", section.heading
    for place, statement in STATEMENTS.items():
        yield place, statement.text


def runs(text: str) -> Iterator[tuple[str, str]]:
    """Give every run of words of a text, and its hash."""
    words = re.findall(r"[a-z0-9]+", re.sub("['\u2019]", "", text.lower()))
    for start in range(len(words) - RUN + 1):
        run = " ".join(words[start : start + RUN])
        yield run, hashlib.sha256(run.encode()).hexdigest()[:16]


def copied() -> set[str]:
    """Return the hashes of every run of the page."""
    lines = (DATA / "page_windows.txt").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if not line.startswith("#")}


def test_no_run_of_eight_words_is_copied() -> None:
    windows = copied()
    whole = " ".join(text for _, text in texts())  # also across the ends of statements
    assert [run for run, hashed in runs(whole) if hashed in windows] == []


def test_a_copied_run_would_be_found() -> None:
    windows = copied()
    assert len(windows) > 1000
    assert all(hashed in windows for _, hashed in runs(CANARY))
    within = f"As somebody said: {CANARY.upper()} That is all."
    assert sum(hashed in windows for _, hashed in runs(within)) == 2


# ---- the file

PAGE = """\
words: {cancers: a, one_cancer: b, background: c, usual: d, no_sites: e}
sources:
  one: {title: T, kind: background, identifier: none seen, at: A, seen: full_text, on: 2026-11-25}
pages:
  - id: tides
    title: Tides
    about: The sea.
    sections:
      - id: flood
        heading: Flood
        says:
          - {id: comes, text: It comes., from: one}
"""


def file(place: Path, before: str = "", after: str = "") -> Path:
    """Write a small file of pages, with a text replaced."""
    assert before in PAGE
    path = place / "explain.yaml"
    path.write_text(PAGE.replace(before, after) if before else PAGE, encoding="utf-8")
    return path


def test_a_small_file_is_read(tmp_path: Path) -> None:
    assert read_background(file(tmp_path)).pages[0].sections[0].says[0].from_ == ("one",)


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ("    title: Tides\n", "", 5, "the key `title` is missing"),
        ("about:", "abuot:", 7, "unknown key `abuot`; did you mean about?"),
        (", from: one", "", 12, "the key `from` is missing"),
        (", on: 2026-11-25", "", 3, "the key `on` is missing"),
        ("from: one", "from: two", 12, "comes: two is not in sources; add it or correct the name"),
        ("from: one", "from: []", 12, "must not be empty"),
        (
            "pages:",
            "  two: {title: T, kind: review, at: A, seen: abstract, on: 2026-11-25}\npages:",
            4,
            "two: no ",
        ),
        (
            "heading: Flood",
            "heading: When the flood comes",
            9,
            "needs a `label` of at most 12 characters, as its heading is longer",
        ),
        (
            "from: one}",
            "from: one}\n          - {id: comes, text: Again., from: one}",
            13,
            "the id comes is given twice; keep one",
        ),
    ],
)
def test_a_fault_of_the_file_is_one_sentence_with_its_line(
    before: str, after: str, line: int, words: str, tmp_path: Path
) -> None:
    path = file(tmp_path, before, after)
    with pytest.raises(RuleFileError) as caught:
        read_background(path)
    assert [fault for fault in caught.value.faults if fault.line == line and words in fault.message]


def test_a_page_or_section_given_twice_is_a_fault(tmp_path: Path) -> None:
    page = PAGE[PAGE.index("  - id: tides") :]
    path = tmp_path / "explain.yaml"
    path.write_text(PAGE + page, encoding="utf-8")
    with pytest.raises(RuleFileError, match="the id tides is given twice"):
        read_background(path)
    section = PAGE[PAGE.index("      - id: flood") :]
    path.write_text(PAGE + section, encoding="utf-8")
    with pytest.raises(RuleFileError, match="the id flood is given twice"):
        read_background(path)


def test_the_pages_are_no_rule_table() -> None:
    rules = load_rules()
    assert "explain" not in rules.names
    with pytest.raises(RuleFileError, match="is not a rule table"):
        Rules(rules.packaged / "explain.yaml")
