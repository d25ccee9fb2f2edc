"""`riskcli explain`: topics are data, shown as text and as Markdown, in general and for one cancer."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from catalogue_side import DUCT, Program, edited

from riskcli.background import Subject, read_background
from riskcli.cli import main
from riskcli.hazards import read_hazards
from riskcli.loader import load_rules
from riskcli.report.sections import Entry, Page, Section
from riskcli.report.topics import TOPICS, Topic, contents, topics

BACKGROUND = read_background()
RULES = load_rules()
EVERY = tuple(topics())
WITH_CANCER = tuple(page.id for page in BACKGROUND.pages if page.for_cancer)


@pytest.fixture
def program(capsys: pytest.CaptureFixture[str]) -> Program:
    """Run the commands in this process."""
    return Program(capsys)


def flat(text: str) -> str:
    """Return a text without its line breaks."""
    return " ".join(text.split())


# ---- the list


def test_without_a_topic_the_topics_are_listed_with_what_they_are_about(program: Program) -> None:
    told = program("explain")
    assert (told.code, told.err) == (0, "")
    text = flat(told.out)
    for page in BACKGROUND.pages:
        assert f"- {page.id}: {page.about}" in text
    assert "- safety: " in text
    assert "spread, sites and blood-tests take a CANCER too" in text


def test_the_list_may_be_markdown(program: Program) -> None:
    lines = program("explain", "--markdown").out.splitlines()
    assert lines[0] == r"# riskcli explain TOPIC \[CANCER\]"
    assert sum(line.startswith("- `") for line in lines) == len(EVERY)


def test_a_new_topic_is_one_more_entry(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page("Sea", (Section("Tides", (Entry("They come and go."),)),))
    monkeypatch.setitem(TOPICS, "sea", Topic("sea", "The tides.", lambda: page))
    assert "They come and go." in program("explain", "sea").out
    assert "sea: The tides." in flat(program("explain").out)
    assert [entry.code for entry in contents().sections[0].entries][-1] == "sea"


# ---- one topic


@pytest.mark.parametrize("page", BACKGROUND.pages, ids=lambda page: page.id)
def test_a_topic_prints_every_statement_and_every_source_with_its_day(
    page: Subject, program: Program
) -> None:
    told = program("explain", page.id)
    assert (told.code, told.err) == (0, "")
    text = flat(told.out)
    assert text.startswith(page.title)
    statements = [statement for section in page.sections for statement in section.says]
    for statement in statements:
        assert flat(statement.text) in text
    names = dict.fromkeys(name for statement in statements for name in statement.from_)
    for number, name in enumerate(names, 1):
        source = BACKGROUND.sources[name]
        assert f"- [{number}] {name}: {flat(source.title)}" in text or len(names) == 1
        assert flat(source.title) in text
        assert str(source.on) in text
        assert f"[{number}]" in text[: text.index("Sources")]


@pytest.mark.parametrize("page", BACKGROUND.pages, ids=lambda page: page.id)
def test_every_paragraph_ends_with_its_sources(page: Subject) -> None:
    for section, passage in zip(topics()[page.id].page().sections, page.sections, strict=False):
        paragraphs = section.intro[:-1] if passage.shows == "uncertainty" else section.intro
        assert paragraphs
        assert all(re.search(r"[.:] (\[\d+\])+$", paragraph) for paragraph in paragraphs)


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("topic", EVERY)
def test_no_line_of_a_topic_is_wider_than_the_terminal(
    topic: str, width: int, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    told = program("explain", topic)
    assert told.code == 0
    assert max(map(len, told.out.splitlines())) <= width


@pytest.mark.parametrize("page", BACKGROUND.pages, ids=lambda page: page.id)
def test_a_topic_as_markdown_has_every_section_as_a_heading(page: Subject, program: Program) -> None:
    told = program("explain", page.id, "--markdown")
    headings = [line.removeprefix("## ") for line in told.out.splitlines() if line.startswith("#")]
    assert headings == [f"# {page.title}", *(section.heading for section in page.sections), "Sources"]


def test_the_levels_stand_under_the_best_guess_word_and_band_together(program: Program) -> None:
    text = flat(program("explain", "best-guess").out)
    for level in RULES.common("breast").levels:
        assert f"{level.word.upper()}: {level.band} ({level.says})" in text


def test_the_uncertainty_is_the_one_of_every_answer(program: Program) -> None:
    assert flat(RULES.common("breast").uncertainty) in flat(program("explain", "uncertainty").out)


def test_a_topic_may_go_to_a_file(program: Program, tmp_path: Path) -> None:
    shown = program("explain", "spread", "--markdown").out
    assert program("explain", "spread", "--markdown", "-o", tmp_path / "s.md").out == ""
    assert (tmp_path / "s.md").read_text(encoding="utf-8") == shown


def test_a_topic_is_found_however_its_words_are_joined(program: Program) -> None:
    assert program("explain", "Blood_tests").out == program("explain", "blood-tests").out


def test_a_topic_that_does_not_exist_is_one_sentence_with_all_there_are(program: Program) -> None:
    told = program("explain", "weather")
    assert (told.code, told.out) == (2, "")
    assert told.err.count("\n") == 1
    assert told.err.startswith(
        '"weather" is not a topic; use micrometastases, primary-and-secondary, spread, '
    )
    assert told.err.endswith(", uncertainty or safety\n")


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ("micrometastasis", "did you mean micrometastases?"),
        ("spred", "did you mean spread?"),
        ("grade", "it is told under factors"),
        ("vascular_invasion", "it is told under factors"),
        ("breast", "a cancer goes after its topic, as in riskcli explain spread breast"),
    ],
)
def test_what_is_nearly_a_topic_gets_a_hint(given: str, advice: str, program: Program) -> None:
    told = program("explain", given)
    assert told.code == 2
    assert told.err.endswith(f"; {advice}\n")


# ---- one cancer


def test_three_topics_are_told_for_a_cancer() -> None:
    assert WITH_CANCER == ("spread", "sites", "blood-tests")


def test_spread_of_one_cancer_shows_the_sites_of_its_table_with_their_sources(program: Program) -> None:
    table = RULES.read("breast")[1]
    told = program("explain", "spread", "breast")
    assert (told.code, told.err) == (0, "")
    text = flat(told.out)
    assert text.startswith(
        f"{table.title}, edition {table.edition} - DRAFT, not reviewed by a clinician: How "
    )
    assert f"(evidence checked {table.evidence_checked})" in text
    assert "nobody can know" in text
    cited = list(dict.fromkeys(name for site in table.sites for name in site.source))
    for site in table.sites:
        marks = "".join(f"[{cited.index(name) + 1}]" for name in site.source)
        assert f"- {site.site}: {flat(site.why)} {marks}" in text
    for number, name in enumerate(cited, 1):
        source = table.sources[name]
        assert f"- [{number}] {name}: {flat(source.title)}" in text
        assert str(source.on) in text
    assert flat(table.blood_test) in text
    assert text.endswith("The background in general: riskcli explain spread")


@pytest.mark.parametrize("name", RULES.names)
def test_every_cancer_has_its_sites_and_its_blood_test(name: str, program: Program) -> None:
    table = RULES.read(name)[1]
    sites, blood = (
        flat(program("explain", "sites", name).out),
        flat(program("explain", "blood-tests", name).out),
    )
    assert all(flat(site.why) in sites for site in table.sites)
    assert flat(table.blood_test) in blood
    assert flat(table.blood_test) not in sites


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_about_one_cancer_is_wider_than_the_terminal(
    width: int, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    for topic in WITH_CANCER:
        assert max(map(len, program("explain", topic, "breast").out.splitlines())) <= width


def test_one_cancer_as_markdown_has_no_empty_heading(program: Program) -> None:
    lines = program("explain", "spread", "breast", "--markdown").out.splitlines()
    assert [line for line in lines if line.startswith("##")] == [
        "## First sites",
        "## Blood test",
        "## Sources",
    ]
    assert lines[-1] == "The background in general: riskcli explain spread"


def test_a_cancer_that_does_not_exist_gets_the_nearest(program: Program) -> None:
    told = program("explain", "spread", "brest")
    assert (told.code, told.out) == (2, "")
    assert told.err.endswith("did you mean breast?\n")


def test_a_cancer_that_no_table_covers_gets_its_own_sentence(program: Program) -> None:
    told = program("explain", "spread", "lymphoma")
    assert told.code == 2
    assert told.err.startswith("Lymphoma is ")


def test_a_topic_in_general_says_which_take_a_cancer(program: Program) -> None:
    told = program("explain", "factors", "breast")
    assert told.code == 2
    assert told.err == "factors is told in general only; spread, sites and blood-tests take a cancer\n"
    assert program("explain", "safety", "breast").code == 2


def test_a_local_table_is_named_first_and_may_name_no_sites(program: Program, tmp_path: Path) -> None:
    file = edited(tmp_path / "own", DUCT)
    told = program("explain", "sites", DUCT, "--markdown", rules=file)
    assert told.code == 0
    assert told.out.startswith(f"# Local table {file}: ")
    text = re.sub(r"^sites:\n(?:[ -].*\n)+", "", file.read_text(encoding="utf-8"), flags=re.M)
    file.write_text(text, encoding="utf-8")
    assert BACKGROUND.words.no_sites in program("explain", "sites", DUCT, "--markdown", rules=file).out


# ---- as data


@pytest.mark.parametrize("name", EVERY)
def test_a_topic_as_data_says_what_its_page_says(name: str, program: Program) -> None:
    told = program("explain", name, "--json")
    assert (told.code, told.err) == (0, "")
    data = json.loads(told.out)
    assert list(data) == [
        *("schema_version", "riskcli", "topic", "cancer", "title", "paragraphs", "sections"),
        *("dated", "sources"),
    ]
    assert (data["schema_version"], data["topic"], data["cancer"]) == (1, name, None)
    shown = re.sub(r"(?: ?\[\d+\])+", "", flat(program("explain", name).out))
    texts = [said["text"] for said in spoken(data)]
    assert len(texts) > 2
    for text in (data["title"], *texts):
        assert flat(text).lower() in shown.lower()


@pytest.mark.parametrize("page", BACKGROUND.pages, ids=lambda page: page.id)
def test_every_statement_as_data_names_its_sources_and_the_page_its_day(
    page: Subject, program: Program
) -> None:
    data = json.loads(program("explain", page.id, "--json").out)
    said = {flat(one["text"]): one["sources"] for one in spoken(data)}
    for statement in (statement for section in page.sections for statement in section.says):
        (sources,) = (names for text, names in said.items() if flat(statement.text) in text)
        assert sources == list(statement.from_)
    assert set(data["sources"]) == {name for names in said.values() for name in names}
    for name, source in data["sources"].items():
        assert source["title"] == BACKGROUND.sources[name].title
        assert source["on"] <= data["dated"]
    assert data["dated"] in {source["on"] for source in data["sources"].values()}


def test_a_topic_of_one_cancer_as_data_has_its_sites_and_the_day_of_its_evidence(program: Program) -> None:
    data = json.loads(program("explain", "Sites", "Breast", "--json").out)
    assert (data["topic"], data["cancer"]) == ("sites", "breast")
    assert data["dated"] == RULES.get("breast").table["evidence_checked"]
    sites = RULES.get("breast").table["sites"]
    entries = data["sections"][0]["entries"]
    assert [entry["text"] for entry in entries] == [f"{site['site']}: {site['why']}" for site in sites]
    assert all(entry["sources"] for entry in entries)


def test_the_list_of_topics_as_data_has_their_names(program: Program, tmp_path: Path) -> None:
    data = json.loads(program("explain", "--json").out)
    assert data["topic"] is None
    assert [entry["id"] for entry in data["sections"][0]["entries"]] == list(EVERY)
    told = program("explain", "factors", "--json", "-o", str(tmp_path / "factors.json"))
    assert (told.code, told.out) == (0, "")
    assert json.loads((tmp_path / "factors.json").read_text(encoding="utf-8"))["topic"] == "factors"


def test_a_wrong_topic_with_json_is_told_as_data(program: Program) -> None:
    told = program("explain", "spreading", "--json")
    assert (told.code, told.out) == (2, "")
    assert "is not a topic" in json.loads(told.err)["problems"][0]["message"]


def spoken(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every text of a page as data, with its sources."""
    found = list(data["paragraphs"])
    for section in data["sections"]:
        found += [*section["paragraphs"], *section["entries"]]
    return found


# ---- safety


def test_safety_tells_every_hazard_with_its_cause_consequence_control_and_guards(program: Program) -> None:
    told = program("explain", "safety")
    assert told.code == 0
    text = flat(told.out)
    for number, hazard in enumerate(read_hazards().hazards, 1):
        assert f"{number}. {hazard.id}: {hazard.hazard}" in text
        for part in (hazard.cause, hazard.consequence, hazard.control):
            assert flat(part) in text
        for test in hazard.tests:
            sentence = test.split("::test_")[1].replace("_", " ")
            assert f"guarded by: {sentence} (" in text


def test_safety_may_be_markdown(program: Program) -> None:
    told = program("explain", "safety", "--markdown")
    assert told.out.startswith("# What could go wrong, and what guards against it\n\n")
    assert (
        "\n1. `wrong-premise`: The patient is not the one that the table speaks of\n   - cause: " in told.out
    )


# ---- the program


def test_the_readme_lists_the_topics() -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^- `riskcli explain ([a-z-]+)(?: \[CANCER\])?`: (.+)$", readme, re.M)
    assert rows == [(topic.name, topic.says) for topic in topics().values()]


def test_topics_and_cancers_are_offered_to_the_shell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def offered(line: str) -> list[str]:
        words = line.split(" ")
        monkeypatch.setenv("COMP_WORDS", "\n".join(words))
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        monkeypatch.setenv("_RISKCLI_COMPLETE", "complete_bash")
        main([])
        return capsys.readouterr().out.split()

    assert offered("riskcli explain ") == list(EVERY)
    assert offered("riskcli explain sp") == ["spread"]
    assert offered("riskcli explain spread br") == ["breast"]


def test_other_commands_do_not_read_the_pages() -> None:
    script = (
        "import sys\nfrom riskcli.cli import main\ncode = main(['rules', 'list', '--json'])\n"
        "sys.stderr.write(' '.join(sys.modules))\nsys.exit(code)"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert told.returncode == 0
    assert not {"riskcli.background", "riskcli.report.topics"} & set(told.stderr.split())
