"""A table as a person reads it: everything in it, in order, at three widths, as Markdown and as data."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from catalogue_side import DUCT, GAUGE, INVENTED, Program, edited

from riskcli.loader import Rules, load_rules
from riskcli.report.rows import Shown, find_rows, row_data, table_data
from riskcli.report.sections import Entry, Page, Section, escaped, page_blocks, page_markdown
from riskcli.report.tables import row_page, table_page
from riskcli.report.terminal import LABEL, plain_text
from riskcli.report.wording import Wording
from riskcli.tables import Example, Table

ESCAPE = "\x1b"
HOSTILE = r'"[bold red]x[/] \e[31m \u202e `y` <b> *z* | [unclosed"'


@pytest.fixture
def program(capsys: pytest.CaptureFixture[str]) -> Program:
    """Run the commands in this process."""
    return Program(capsys)


def text_of(page: Page, width: int = 100) -> str:
    """Return a page as plain text."""
    return plain_text(page_blocks(page), width)


def joined(text: str) -> str:
    """Return a text without its line breaks, so that sentences can be found in it."""
    return " ".join(text.split())


def entry_of(page: Page, heading: str, code: str) -> Entry:
    """Return one entry of a page."""
    (section,) = [section for section in page.sections if section.heading == heading]
    return next(entry for entry in section.entries if entry.code == code)


DUCT_PAGE = table_page(Shown.of(Rules(INVENTED), DUCT))
DUCT_TEXT = joined(text_of(DUCT_PAGE))


# ---- the whole table


def test_a_local_draft_says_so_in_its_first_line() -> None:
    first = text_of(DUCT_PAGE, 100).splitlines()[0]
    assert first.startswith("Local table ")
    assert DUCT_PAGE.title == (
        f"Local table {INVENTED / DUCT}.yaml: Carcinoma of the example duct - "
        "DRAFT, not reviewed by a clinician"
    )


def test_a_table_that_was_signed_names_who_signed_and_is_no_draft(tmp_path: Path) -> None:
    file = edited(
        tmp_path,
        DUCT,
        ("status: draft", "status: reviewed"),
        ("reviewed_by: []", "reviewed_by: [{name: Dr Invented, role: oncologist, date: 2026-11-20}]"),
    )
    text = joined(text_of(table_page(Shown.of(Rules(file), DUCT))))
    assert "DRAFT" not in text
    assert "Draft:" not in text
    assert "reviewed by Dr Invented (oncologist, 2026-11-20)" in text


def test_the_sections_stand_in_the_order_in_which_they_are_read() -> None:
    labels = [block.label for block in page_blocks(DUCT_PAGE)]
    assert labels == [
        "",
        "Table",
        "Scope",
        "Also called",
        "Not for",
        "Blood test",
        "Limits",
        "Levels",
        "Fields",
        "Derived",
        "Likelihood",
        "Disputed",
        "To discuss",
        "Unsupported",
        "Exceptions",
        "Impossible",
        "Warnings",
        "Systems",
        "First sites",
        "Examples",
        "Sources",
    ]


def test_a_section_without_entries_is_left_out() -> None:
    labels = {block.label for block in page_blocks(table_page(Shown.of(Rules(INVENTED), GAUGE)))}
    assert not labels & {"Disputed", "Exceptions", "First sites", "Warnings", "Also called"}


@pytest.mark.parametrize("name", load_rules().names)
def test_every_label_fits_its_margin(name: str) -> None:
    blocks = page_blocks(table_page(Shown.of(load_rules(), name)))
    assert all(len(block.label) < LABEL for block in blocks)


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", load_rules().names)
def test_no_line_of_a_table_is_wider_than_the_terminal(name: str, width: int) -> None:
    lines = text_of(table_page(Shown.of(load_rules(), name)), width).splitlines()
    assert max(map(len, lines)) <= width


def test_a_field_shows_its_values_what_it_is_and_what_is_taken_without_it() -> None:
    assert entry_of(DUCT_PAGE, "Fields", "extent") == Entry(
        "E0, E1a, E1b, E2, E3 or E4 (higher is worse; factor)",
        (
            ("", "extent"),
            ("groups", "E1 is E1a or E1b"),
            ("assumed when not stated", "E1, E2 or E3; E4 is always reported"),
        ),
        "extent",
    )
    assert entry_of(DUCT_PAGE, "Fields", "length_mm").text == "length, 0 to 200 mm (factor)"
    score = entry_of(DUCT_PAGE, "Fields", "gene_score")
    assert ("applies only if", "receptor positive") in score.notes
    assert any(about == "optional" for about, _ in score.notes)
    assert entry_of(DUCT_PAGE, "Fields", "grade").text == "1 to 3 (core; higher is worse; factor)"


def test_an_assumption_says_when_it_holds_and_a_field_where_it_stands() -> None:
    page = table_page(Shown.of(Rules(INVENTED), GAUGE))
    notes = entry_of(page, "Fields", "drip").notes
    assert (
        "assumed when not stated, if fine under 0.8; colour red",
        "0; fine red readings are not counted",
    ) in (notes)
    grade = entry_of(table_page(Shown.of(load_rules(), "other_solid")), "Fields", "grade")
    assert ("stands in", 'Pathology report, "grade" or "differentiation"') in grade.notes


def test_derived_names_are_told_row_by_row_or_point_by_point() -> None:
    stage = entry_of(DUCT_PAGE, "Derived", "stage")
    assert stage.notes == (
        ("III", "positive nodes 1 or more"),
        ("II", "extent E3 or E4"),
        ("I", "extent E0, E1 or E2; positive nodes 0"),
    )
    score = entry_of(DUCT_PAGE, "Derived", "score")
    assert score.text == "points added up"
    assert score.notes == (("grade", "1 0; 2 1; 3 3"), ("invasion", "absent 0; present 1"))


def test_the_likelihood_rows_stand_in_their_own_order_under_their_numbers() -> None:
    _, table = Rules(INVENTED).read(DUCT)
    places = [
        DUCT_TEXT.index(f"{n}. {row.level.replace('_', ' ').upper()} {row.id}: {row.why}")
        for n, row in (enumerate(table.likelihood, 1))
    ]
    assert places == sorted(places)
    assert "The first of these 10 rows that holds decides." in DUCT_TEXT


def test_a_row_shows_its_conditions_its_figure_its_limits_who_disputes_it_and_its_sources() -> None:
    assert entry_of(DUCT_PAGE, "Likelihood", "nodes-4-or-more") == Entry(
        "four nodes",
        (
            ("if", "positive nodes 4 or more"),
            ("basis", "published as such: 55 % distant recurrence, 10 years, treatment: none"),
            ("sources", "[1]"),
        ),
        "nodes-4-or-more",
        "very high",
    )
    assert entry_of(DUCT_PAGE, "Likelihood", "nodes-1-3").notes == (
        ("if", "positive nodes 1 to 3"),
        ("basis", "a judgement"),
        ("limits", "few such patients"),
        ("disputed", "others say intermediate: others see fewer [2]"),
        ("sources", "[1][3]"),
    )


def test_a_figure_over_one_year_and_of_a_named_group_is_worded_so(tmp_path: Path) -> None:
    file = edited(tmp_path, DUCT, ("years: 10}, route", "years: 1, group: the few}, route"))
    page = table_page(Shown.of(Rules(file), DUCT))
    notes = dict(entry_of(page, "Likelihood", "nodes-4-or-more").notes)
    assert notes["basis"].endswith("distant recurrence, 1 year, treatment: none; the few")


def test_disputed_rows_are_listed_on_their_own() -> None:
    (section,) = [section for section in DUCT_PAGE.sections if section.heading == "Disputed"]
    assert section.entries == (
        Entry("others say intermediate: others see fewer [2]", (), "nodes-1-3", "high"),
    )


def test_an_option_shows_its_kind_its_drugs_where_it_is_available_and_every_criterion() -> None:
    heading = "To discuss, by published criteria"
    assert entry_of(DUCT_PAGE, heading, "wash") == Entry(
        "Washing",
        (
            ("kind", "Chemotherapy: water"),
            ("available, UK", "everywhere"),
            ("if", "level high or very high; receptor negative - the level is high [2] (wash-level)"),
            ("if", "length over 50 mm; stage II or III - it is long [1] (wash-long)"),
            ("limits", "long means over 50"),
        ),
        "wash",
    )
    assert entry_of(DUCT_PAGE, heading, "watching").notes[0] == ("kind", "Follow-up and support")


def test_the_options_say_first_what_was_not_considered_and_the_unsupported_need_not() -> None:
    to_discuss, unsupported = (
        next(section for section in DUCT_PAGE.sections if section.label == label)
        for label in ("To discuss", "Unsupported")
    )
    assert "were not considered" in to_discuss.intro[0]
    assert not unsupported.intro
    assert [entry.code for entry in unsupported.entries] == ["blocker", "rubbing"]


def test_what_remains_of_the_table_is_shown_too() -> None:
    for text in (
        "metastasis present: Spread is known.",
        "grade if pattern quiet: grade 3 is not adverse in a quiet pattern [2]",
        "extent E1a; length over 5 mm: E1a is 5 mm or less",
        "length over 100 mm: That is long.",
        "stage-group: Stage group, from stage [2]",
        "bone: the veins lead there [3]",
        "10 to under 30 in 100 (possible, but most do not)",
        "within 10 years, in people like this who had no further treatment. Treatment lowers this",
    ):
        assert text in DUCT_TEXT


def test_an_example_shows_its_case_and_what_it_states_of_the_answer() -> None:
    assert entry_of(DUCT_PAGE, "Examples", "nothing-adverse").notes == (
        (
            "case",
            "grade 1; invasion absent; pattern usual; positive nodes 0; nodes examined 12; extent E1a; "
            "length 5 mm; receptor negative",
        ),
        (
            "answer",
            "low by row nothing-adverse; to discuss: watching; not offered: wash, blocker; "
            "not supported: blocker, rubbing",
        ),
    )
    assert (
        dict(entry_of(DUCT_PAGE, "Examples", "no-node-examined").notes)["answer"] == "low, high or very high"
    )
    assert dict(entry_of(DUCT_PAGE, "Examples", "four-nodes").notes)["answer"].endswith("may match: blocker")


def test_an_example_out_of_scope_says_so(tmp_path: Path) -> None:
    new = (
        "examples:\n",
        "examples:\n  - {id: away, case: {metastasis: present}, out_of_scope: true, text: A.}\n",
    )
    page = table_page(Shown.of(Rules(edited(tmp_path, DUCT, new)), DUCT))
    assert entry_of(page, "Examples", "away") == Entry(
        "A.", (("case", "metastasis present"), ("answer", "out of scope")), "away"
    )


def test_the_sources_stand_in_full_under_the_numbers_that_the_rows_cite() -> None:
    assert entry_of(DUCT_PAGE, "Sources", "[1] cohort") == Entry(
        "Invented A. Invented J 2001;1:1-9",
        (("", "cohort, 2001; doi 10.0000/invented; abstract seen, 2026-11-22"), ("at", "table 2")),
        "[1] cohort",
    )
    assert entry_of(DUCT_PAGE, "Sources", "[2] guide").notes == (
        ("", "guideline, 2025; not seen"),
        ("at", "section 4.1"),
        ("", "https://example.org/guide"),
    )
    assert "PMID 1" in dict(entry_of(DUCT_PAGE, "Sources", "[3] other").notes)[""]


@pytest.mark.parametrize("name", load_rules().names)
def test_every_row_option_criterion_example_and_source_of_every_table_is_shown(name: str) -> None:
    _, table = load_rules().read(name)
    page = table_page(Shown.of(load_rules(), name))
    codes = {entry.code for section in page.sections for entry in section.entries}
    assert {row.id for row in table.likelihood} <= codes
    assert {option.id for option in (*table.options, *table.not_supported)} <= codes
    assert {example.id for example in table.examples} <= codes
    assert {f"[{n}] {source}" for n, source in enumerate(table.sources, 1)} <= codes
    assert set(table.fields) | set(table.derived) <= codes
    text = page_markdown(page)
    for option in (*table.options, *table.not_supported):
        assert all(f"({criterion.id})" in text for criterion in option.any_of)


# ---- one row


def row(name: str, row_id: str, vignettes: tuple[Example, ...] = ()) -> Page:
    """Return the page of one row of an invented table."""
    return row_page(Shown.of(Rules(INVENTED), name, vignettes), row_id)


def test_a_row_says_where_it_stands_and_which_rows_decide_before_it() -> None:
    intros = [row(DUCT, name).sections[0].intro[0] for name in ("nodes-4-or-more", "beyond", "nodes-1-3")]
    file = INVENTED / f"{DUCT}.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    number = next(n for n, line in enumerate(lines, 1) if "id: nodes-1-3" in line)
    assert intros[0].startswith("1 of 10; it decides wherever it holds; ")
    assert intros[1].startswith("2 of 10; where the row above it holds, that one decides; ")
    assert intros[2] == (
        f"3 of 10; where one of the 2 rows above it holds, that one decides; {file}:{number}"
    )


def test_a_row_comes_with_its_route_the_derived_names_behind_it_and_only_its_own_sources() -> None:
    page = row(DUCT, "genes-low")
    headings = [section.heading for section in page.sections]
    derived = page.sections[headings.index("Derived names in it")]
    assert [entry.code for entry in derived.entries] == ["stage", "score", "weight"]
    assert [entry.code for entry in page.sections[-1].entries] == ["[1] cohort"]
    assert "Route" not in headings
    assert "Through the lymphatic system" in text_of(row(DUCT, "nodes-4-or-more"))


def test_the_sources_of_who_disputes_a_row_are_among_its_sources() -> None:
    page = row(DUCT, "nodes-1-3")
    assert [entry.code for entry in page.sections[-1].entries] == ["[1] cohort", "[3] other", "[2] guide"]


def test_a_row_comes_with_the_examples_and_the_vignettes_that_name_it() -> None:
    vignettes = (
        Example(id="far", case={}, rule="nodes-1-3"),
        Example(id="near", case={}, rule="heavy"),
        Example(id="also", case={}, rule="nodes-1-3"),
    )
    page = row(DUCT, "nodes-1-3", vignettes)
    sections = {section.heading: section for section in page.sections}
    assert [entry.code for entry in sections["Examples that name it"].entries] == ["three-nodes", "one-node"]
    assert sections["Vignettes"].intro == ("far, also",)
    assert "Vignettes" not in {section.heading for section in row(DUCT, "nodes-1-3").sections}


def test_an_id_of_an_option_that_is_also_ruled_out_shows_both() -> None:
    page = row(DUCT, "blocker")
    assert [section.label for section in page.sections if section.label] == [
        "Option",
        "Derived",
        "Examples",
        "Unsupported",
        "Derived",
        "Examples",
    ]
    examples = [section for section in page.sections if section.label == "Examples"]
    assert [entry.code for entry in examples[0].entries] == [
        "nothing-adverse",
        "three-nodes",
        "four-nodes",
        "middling",
    ]
    assert [entry.code for entry in examples[1].entries] == ["nothing-adverse"]


def test_a_criterion_is_shown_alone_with_the_option_it_belongs_to() -> None:
    page = row(DUCT, "wash-long")
    section = page.sections[0]
    assert section.intro[0].startswith("2 of 2 of wash; ")
    assert section.entries[0].code == "wash"
    assert [text for about, text in section.entries[0].notes if about == "if"] == [
        "length over 50 mm; stage II or III - it is long [1] (wash-long)"
    ]
    (ruled_out,) = find_rows(Rules(INVENTED).read(DUCT)[1], "rubbing-light")
    assert ruled_out.unsupported
    assert ruled_out.named == "rubbing"


@pytest.mark.parametrize("name", load_rules().names)
def test_every_row_of_every_table_can_be_shown_alone(name: str) -> None:
    found = Shown.of(load_rules(), name)
    ids = [*(row.id for row in found.table.likelihood), *_option_ids(found.table)]
    for row_id in dict.fromkeys(ids):
        page = row_page(found, row_id)
        assert row_id in page_markdown(page)
        assert max(map(len, text_of(page, 60).splitlines())) <= 60


def _option_ids(table: Table) -> list[str]:
    """Return the ids of options and of their criteria."""
    options = (*table.options, *table.not_supported)
    return [name for option in options for name in (option.id, *(item.id for item in option.any_of))]


# ---- as data


def test_a_table_as_data_is_the_file_again() -> None:
    found = Shown.of(Rules(INVENTED), DUCT)
    data = json.loads(json.dumps(table_data(found)))
    assert Table.model_validate(data["table"]) == found.table
    assert data["table"]["derived"]["stage"][0] == {"when": {"nodes_positive": ">=1"}, "is": "III"}
    assert (data["origin"], len(data["sha256"])) == (found.origin, 64)


def test_a_row_as_data_has_its_line_its_examples_and_its_sources_in_full() -> None:
    found = Shown.of(Rules(INVENTED), DUCT, (Example(id="far", case={}, not_supported=("blocker",)),))
    option, ruled_out = row_data(found, "blocker")["rows"]
    assert (option["kind"], option["number"], option["of"]) == ("option", 2, 3)
    assert (ruled_out["kind"], ruled_out["vignettes"]) == ("not_supported", ["far"])
    assert set(option["sources"]) == {"guide", "other"}
    assert (
        "id: blocker"
        in Path(found.document.file).read_text(encoding="utf-8").splitlines()[option["line"] - 1]
    )
    (criterion,) = row_data(found, "wash-long")["rows"]
    assert (criterion["option"], criterion["row"]["limits"]) == ("wash", "long means over 50")


# ---- the command


def test_a_packaged_table_is_shown_with_its_vignettes_in_a_clone(program: Program) -> None:
    told = program("rules", "show", "colon", "--row", "t3-nodes-4-6")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("Adenocarcinoma of the colon - DRAFT, not reviewed by a clinician\n")
    assert "Vignettes" in program("rules", "show", "other_solid", "--row", "positive-nodes").out


def test_a_row_that_does_not_exist_gets_the_nearest_name(program: Program) -> None:
    told = program("rules", "show", "breast", "--row", "tamoxifn")
    assert told.code == 2
    assert told.err == '"tamoxifn" is not a row, option or criterion of breast; did you mean tamoxifen?\n'
    assert told.out == ""


def test_a_cancer_without_a_table_is_wrong_input(program: Program) -> None:
    told = program("rules", "show", "brest")
    assert told.code == 2
    assert "did you mean breast?" in told.err


def test_a_cancer_may_be_written_with_spaces_and_capitals(program: Program) -> None:
    assert program("rules", "show", "Other solid").out == program("rules", "show", "other_solid").out


def test_json_of_a_table_carries_the_version_that_made_it(program: Program) -> None:
    data = program("rules", "show", "other_solid", "--json").json
    assert data["schema_version"] == 1
    assert data["table"]["cancer"] == "other_solid"
    assert data["file"].endswith("other_solid.yaml")
    row_of = program("rules", "show", "other_solid", "--row", "high-grade", "--json").json["rows"][0]
    assert row_of["row"]["level"] == "intermediate"
    assert "grade-3" in row_of["vignettes"]


@pytest.mark.parametrize("form", [(), ("--markdown",), ("--json",)], ids=["text", "markdown", "json"])
def test_a_table_may_be_written_to_a_file(form: tuple[str, ...], program: Program, tmp_path: Path) -> None:
    target = tmp_path / "table.txt"
    told = program("rules", "show", "other_solid", *form, "-o", target)
    assert (told.code, told.out, told.err) == (0, "", f"Written to {target}.\n")
    text = target.read_text(encoding="utf-8")
    assert "no-adverse-factor-grade-2" in text
    if not form:
        assert max(map(len, text.splitlines())) <= 80


def test_a_faulty_table_is_named_with_its_line(program: Program, tmp_path: Path) -> None:
    file = edited(tmp_path, DUCT, ("level: low, why: nothing", "level: lo, why: nothing"))
    told = program("rules", "show", DUCT, rules=file)
    assert told.code == 3
    assert re.match(rf"{re.escape(str(file))}:\d+: ", told.err)
    assert '"lo" is not allowed' in told.err


def hostile(place: Path) -> Path:
    """An invented table whose texts mean harm."""
    return edited(
        place,
        DUCT,
        ("title: Carcinoma of the example duct", f"title: {HOSTILE}"),
        ("scope: invented patients", f"scope: {HOSTILE}"),
        ("text: pattern", f"text: {HOSTILE}"),
        ("why: four nodes", f"why: {HOSTILE}"),
        ("limits: few such patients", f"limits: {HOSTILE}"),
        ("name: Washing", f"name: {HOSTILE}"),
        ("UK: everywhere", f"UK: {HOSTILE}"),
        ("title: Invented B", f"title: {HOSTILE}"),
        ("why: the veins lead there", f"why: {HOSTILE}"),
    )


def harmless(text: str) -> None:
    """Hold that a text cannot act on a terminal."""
    assert all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize(
    "args",
    [
        ("list",),
        ("list", "--json"),
        ("show", DUCT),
        ("show", DUCT, "--markdown"),
        ("show", DUCT, "--json"),
        ("show", DUCT, "--row", "nodes-4-or-more"),
        ("show", DUCT, "--row", "wash", "--markdown"),
        ("audit", "--as-of", "2029-01-01"),
        ("audit", "--json"),
        ("diff", INVENTED, ".", DUCT),
        ("diff", INVENTED, ".", DUCT, "--markdown"),
    ],
    ids=lambda args: " ".join(map(str, args[:4])),
)
def test_a_hostile_table_is_shown_harmlessly_by_every_command(
    args: tuple[str, ...], program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = hostile(tmp_path)
    monkeypatch.chdir(tmp_path)
    told = program("rules", *args, rules=file)
    assert told.code in (0, 3)
    harmless(told.out)
    harmless(told.err)
    if args == ("show", DUCT):
        assert "[bold red]x[/]" in told.out


def test_markdown_of_a_hostile_table_shows_its_marks_and_obeys_none(program: Program, tmp_path: Path) -> None:
    text = program("rules", "show", DUCT, "--markdown", rules=hostile(tmp_path)).out
    shown_as_it_is = r"\[bold red\]x\[/\] \[31m \`y\` \<b> \*z\* \| \[unclosed"
    assert text.startswith("# Local table ")
    assert text.count(shown_as_it_is) >= 8
    assert "<b>" not in text.replace(r"\<b>", "")


# ---- how pages are put


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("1. first", r"1\. first"),
        ("- dash", r"\- dash"),
        ("> quoted", r"\> quoted"),
        ("# heading", r"\# heading"),
        ("nodes_positive", "nodes_positive"),
        ("_slanted_", r"\_slanted\_"),
        ("a  b\nc", "a b c"),
        ("&lt; & c", r"\&lt; & c"),
        ("| a | b |", r"\| a \| b \|"),
        ("back\\slash", r"back\\slash"),
        ("~~gone~~ $x$", r"\~\~gone\~\~ \$x\$"),
        ("[a](b) ![c](d)", r"\[a\](b) !\[c\](d)"),
        ("12 mm", "12 mm"),
        (">=4", r"\>=4"),
    ],
)
def test_markdown_shows_a_text_as_it_is(text: str, safe: str) -> None:
    assert escaped(text) == safe


def test_a_list_of_one_has_no_mark_and_a_numbered_one_has_its_number() -> None:
    one = page_blocks(Page("T", (Section("A", (Entry("x", (("n", "y"),)),)),)))[1]
    assert [line.text for line in one.lines] == ["x", "  n: y"]
    numbered = page_blocks(Page("T", (Section("A", (Entry("x"),) * 10, numbered=True),)))[1]
    assert [line.text for line in numbered.lines][::9] == ["1. x", "10. x"]
    assert numbered.lines[-1].hang == 4


def test_notes_in_markdown_stand_inside_their_item() -> None:
    page = Page("T", (Section("A", (Entry("x", (("n", "y"),)),) * 10, ("said",), numbered=True),), ("intro",))
    text = page_markdown(page)
    assert text.startswith("# T\n\nintro\n\n## A\n\nsaid\n\n1. x\n   - n: y\n2. x\n")
    assert "\n10. x\n    - n: y\n" in text


def test_an_empty_section_has_no_heading() -> None:
    page = Page("T", (Section("A"),))
    assert page_markdown(page) == "# T\n"
    assert len(page_blocks(page)) == 1


LABELS: dict[str, Any] = load_rules().common("breast").labels


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("tumour_size_mm", ">20..50", "tumour size over 20 to 50 mm"),
        ("tumour_size_mm", "1..<3", "tumour size 1 to under 3 mm"),
        ("tumour_size_mm", "<=2", "tumour size up to 2 mm"),
        ("tumour_size_mm", ">=50", "tumour size 50 mm or more"),
        ("er_percent", "<1", "ER-positive cells under 1 %"),
        ("nodes_positive", 0, "positive nodes 0"),
        ("kit", ["stained", "not_done"], "kit stained or not done"),
        ("spread_seen", "two_or_three_nodes", "spread seen two or three nodes"),
        ("t_category", "T4a", "T category T4a"),
    ],
)
def test_a_condition_is_worded_with_its_field_and_unit(name: str, value: object, words: str) -> None:
    assert Wording(LABELS).conditions({name: value}) == words


def test_conditions_that_all_hold_stand_side_by_side() -> None:
    wording = Wording(LABELS)
    assert (
        wording.conditions({"grade": 3, "level": ["high", "very_high"]}) == "grade 3; level high or very high"
    )
    assert wording.levels(["low", "very_high"]) == "low or very high"


def test_a_source_that_was_not_seen_has_no_day() -> None:
    assert entry_of(DUCT_PAGE, "Sources", "[2] guide").notes[0] == ("", "guideline, 2025; not seen")
