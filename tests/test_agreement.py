"""How far an expert and a table agree: kappa against published examples, and the marked form read back."""

from __future__ import annotations

import csv
import io
import itertools
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from authoring_side import RULES, Program, covered, table
from hypothesis import given
from hypothesis import strategies as st

from riskcli.agreement import Agreement, Form, Marked, score
from riskcli.case import read_case
from riskcli.compiled import LEVELS
from riskcli.errors import CaseError
from riskcli.evaluate import assess_facts
from riskcli.forms import MARKS, TRACE, csv_form
from riskcli.kappa import LINEAR, QUADRATIC, UNWEIGHTED, Kappa, kappa
from riskcli.marked import read_form

Row = dict[str, str]
Change = Callable[[list[Row]], None]


@pytest.fixture
def program(capsys: pytest.CaptureFixture[str]) -> Program:
    """The commands of authors."""
    return Program(capsys)


# ---- kappa

DERMATOLOGISTS = [[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]]
"""SAS/STAT user's guide, PROC FREQ, agreement study: two dermatologists, four levels of a skin condition."""
DIAGNOSES = [[0, 4, 1], [0, 8, 0], [0, 1, 5]]
"""The SAS output that the tests of statsmodels (inter_rater) are held against."""
ANXIETY = list(zip(map(int, "36462424332333221334"), map(int, "21443216111233113322"), strict=True))
"""Data set `anxiety` of the R package irr, raters 2 and 3; nobody gave a 5."""


def crossed(pairs: list[tuple[int, int]]) -> list[list[int]]:
    """Return how often each pair of levels occurs; levels that nobody used are left out, as irr does."""
    levels = sorted({level for pair in pairs for level in pair})
    return [[pairs.count((one, other)) for other in levels] for one in levels]


def test_unweighted_kappa_is_that_of_the_sas_manual() -> None:
    found = kappa(DERMATOLOGISTS, UNWEIGHTED)
    assert (found.value, found.low, found.high) == pytest.approx((0.3449, 0.2030, 0.4868), abs=5e-5)


@pytest.mark.parametrize(
    ("power", "published"),
    [(UNWEIGHTED, (0.4842, 0.2137, 0.7547)), (LINEAR, (0.4701, 0.1845, 0.7558))],
)
def test_kappa_and_its_interval_are_those_of_the_sas_output(
    power: int, published: tuple[float, float, float]
) -> None:
    found = kappa(DIAGNOSES, power)
    assert (found.value, found.low, found.high) == pytest.approx(published, abs=5e-5)


@pytest.mark.parametrize(
    ("power", "published"), [(UNWEIGHTED, -0.006289308), (LINEAR, 0.1459075), (QUADRATIC, 0.2520325)]
)
def test_weighted_kappa_is_that_of_the_r_package_irr(power: int, published: float) -> None:
    assert kappa(crossed(ANXIETY), power).value == pytest.approx(published, abs=5e-8)


@pytest.mark.parametrize("power", [LINEAR, QUADRATIC])
def test_the_interval_is_as_wide_as_that_of_a_bootstrap(power: int) -> None:
    cases = [
        (i, j) for i, row in enumerate(DERMATOLOGISTS) for j, count in enumerate(row) for _ in range(count)
    ]
    source = random.Random(20261125)
    drawn = []
    for _ in range(2000):
        counts = [[0] * 4 for _ in range(4)]
        for i, j in source.choices(cases, k=len(cases)):
            counts[i][j] += 1
        value = kappa(counts, power).value
        assert value is not None
        drawn.append(value)
    drawn.sort()
    found = kappa(DERMATOLOGISTS, power)
    assert found.low == pytest.approx(drawn[49], abs=0.03)
    assert found.high == pytest.approx(drawn[-50], abs=0.03)


def test_a_near_miss_weighs_less_than_a_far_one_and_least_by_squares() -> None:
    near = [[5, 5, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 10]]
    far = [[5, 0, 5, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 10]]
    for power in (LINEAR, QUADRATIC):
        assert (kappa(near, power).value or 0) > (kappa(far, power).value or 0)
    assert kappa(near, UNWEIGHTED).value == pytest.approx(kappa(far, UNWEIGHTED).value)
    assert (kappa(near, QUADRATIC).value or 0) > (kappa(near, LINEAR).value or 0)


COUNTS = st.lists(st.lists(st.integers(0, 6), min_size=4, max_size=4), min_size=4, max_size=4)


@given(COUNTS, st.sampled_from([UNWEIGHTED, LINEAR, QUADRATIC]))
def test_kappa_is_at_most_one_the_same_from_both_sides_and_inside_its_interval(
    counts: list[list[int]], power: int
) -> None:
    found = kappa(counts, power)
    turned = kappa([list(column) for column in zip(*counts, strict=True)], power)
    if found.value is None:
        assert turned.value is None
        return
    assert found.value <= 1 + 1e-9
    assert turned.value == pytest.approx(found.value)
    if found.low is not None and found.high is not None:
        assert -1 <= found.low <= found.value + 1e-9
        assert found.value - 1e-9 <= found.high <= 1


@given(COUNTS)
def test_kappa_is_zero_where_the_raters_know_nothing_of_each_other(counts: list[list[int]]) -> None:
    rows = [sum(row) for row in counts]
    columns = [sum(column) for column in zip(*counts, strict=True)]
    value = kappa([[row * column for column in columns] for row in rows], LINEAR).value
    assert value is None or value == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        ([[0, 0], [0, 0]], Kappa(None)),
        ([[7, 0], [0, 0]], Kappa(None)),
        ([[3, 0], [0, 4]], Kappa(1.0)),
    ],
)
def test_what_the_marks_do_not_define_is_left_out(counts: list[list[int]], found: Kappa) -> None:
    assert kappa(counts, LINEAR) == found


# ---- the form read back


def marked_rows(name: str) -> list[Row]:
    """Return the rows of a form on which the expert says exactly what the table says."""
    compiled = table(name)
    rows = list(csv.DictReader(io.StringIO(csv_form(covered(name), compiled))))
    for row in rows:
        record = {key: value for key, value in row.items() if key not in (*TRACE, *MARKS)}
        answer = assess_facts(read_case(record, compiled))
        row["level"] = answer.likelihood.levels[0]
        row["options"] = ";".join(option.id for option in answer.options) or "none"
    return rows


def written(rows: list[Row], delimiter: str = ",") -> str:
    """Return rows as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def read(rows: list[Row]) -> Form:
    """Read rows as a marked form."""
    return read_form(written(rows), "marked.csv", RULES)


def scored(rows: list[Row]) -> Agreement:
    """Score rows as a marked form."""
    return score(read(rows))


@pytest.mark.parametrize("name", RULES.names)
def test_a_form_marked_as_the_table_answers_agrees_in_everything(name: str) -> None:
    form = read(marked_rows(name))
    found = score(form)
    assert (form.problems, form.moved, form.ignored, found.differ) == ([], [], (), ())
    assert (found.percent, found.option_percent) == (100, 100)
    assert [found.linear.value, found.quadratic.value] == pytest.approx([1, 1])
    assert found.levels == found.option_cases == found.cases == len(covered(name).cases)
    assert found.option_pairs == found.cases * len(table(name).table["options"])


def test_a_level_that_differs_is_counted_and_listed_with_both_answers() -> None:
    rows = marked_rows("other_solid")
    was = rows[2]["level"]
    rows[2]["level"] = other = next(level for level in LEVELS if level != was)
    found = scored(rows)
    assert found.percent == pytest.approx(100 * 10 / 11)
    assert [(mark.row, mark.id, mark.expert, mark.levels) for mark in found.differ] == [
        (4, "other_solid-03", other, (was,))
    ]
    assert found.counts[LEVELS.index(other)][LEVELS.index(was)] == 1
    assert sum(map(sum, found.counts)) == 11


def test_options_are_compared_one_by_one_and_both_sides_are_named() -> None:
    rows = marked_rows("other_solid")
    named = set(rows[0]["options"].split(";"))
    lost = next(option for option in ("surveillance", "check-again") if option not in named)
    kept = sorted(named)[0]
    rows[0]["options"] = f"{kept}; {lost}"
    found = scored(rows)
    assert [(mark.only_expert, mark.only_table) for mark in found.differ] == [
        ((lost,), tuple(sorted(named - {kept})))
    ]
    wrong = 1 + len(named) - 1
    assert found.option_percent == pytest.approx(100 * (1 - wrong / found.option_pairs))
    assert found.option_kappa is not None
    assert found.option_kappa < 1


def test_marks_that_are_missing_are_counted_and_not_scored() -> None:
    rows = marked_rows("other_solid")
    rows[0]["level"] = rows[1]["level"] = rows[1]["options"] = " "
    found = scored(rows)
    assert (found.cases, found.unmarked, found.levels, found.option_cases) == (11, 2, 9, 10)
    assert found.percent == 100


def test_none_means_nothing_to_discuss_and_an_empty_cell_means_no_mark() -> None:
    rows = marked_rows("other_solid")
    rows[0]["options"], rows[1]["options"] = "None", ""
    marks = read(rows).marks
    assert marks[0].discuss == frozenset()
    assert marks[1].discuss is None
    assert marks[0].only_table
    assert not marks[1].differs


@pytest.mark.parametrize("said", ["very high", "Very_High", " VERY HIGH ", "very-high"])
def test_a_level_is_read_as_people_write_it(said: str) -> None:
    rows = marked_rows("other_solid")
    rows[0]["level"] = said
    assert read(rows).marks[0].expert == "very_high"


def test_options_are_read_by_id_name_or_short_name_and_an_ambiguous_name_is_refused() -> None:
    rows = marked_rows("other_solid")
    options = table("other_solid").table["options"]
    rows[0]["options"] = f"{options[0]['name'].upper()};{options[1]['short']};{options[2]['id']}"
    rows[1]["options"] = options[2]["short"]  # several of this table's options are called so
    form = read(rows)
    assert form.marks[0].discuss == {option["id"] for option in options[:3]}
    assert [str(problem) for problem in form.problems] == [
        "row 3, column options: it names an option that the table does not have; use its ids, or none."
    ]


def test_a_range_is_listed_but_not_scored() -> None:
    rows = marked_rows("other_solid")
    at = next(i for i, row in enumerate(rows) if row["grade"] == "1")
    rows[at]["grade"] = ""
    found = scored(rows)
    assert found.ranges == 1
    assert found.levels == 10
    assert [len(mark.levels) > 1 for mark in found.differ] == [True]


def test_an_option_that_depends_is_not_scored() -> None:
    mark = Marked(2, "a", "a", "low", ("low",), frozenset({"x"}), frozenset(), frozenset({"x"}))
    found = score(Form(marks=[mark], entries={"a": ("x", "y")}))
    assert (found.option_pairs, found.option_percent, found.differ) == (1, 100, ())


WRONG: dict[str, tuple[Callable[[Row], None], str]] = {
    "level": (
        lambda row: row.update(level="Jane Roe 1950"),
        "row 3, column level: it is not a level; "
        "use low, intermediate, high or very_high, or leave it empty.",
    ),
    "options": (
        lambda row: row.update(options="surveillance;Jane Roe 1950"),
        "row 3, column options: it names an option that the table does not have; use its ids, or none.",
    ),
    "finding": (
        lambda row: row.update(grade="Jane Roe 1950"),
        "row 3, column grade: the value is not one that the table can read.",
    ),
    "cancer": (
        lambda row: row.update(cancer="Jane Roe 1950"),
        "row 3, column cancer: there is no such table.",
    ),
    "scope": (
        lambda row: row.update(metastasis="present"),
        "row 3: the table does not answer such a case.",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_row_that_cannot_be_read_is_named_by_row_and_column_and_never_quoted(what: str) -> None:
    change, sentence = WRONG[what]
    rows = [{**row, "metastasis": ""} for row in marked_rows("other_solid")]
    change(rows[1])
    form = read(rows)
    assert [str(problem) for problem in form.problems] == [sentence]
    assert len(form.marks) == 10
    assert "Jane" not in str(form.problems)


def test_a_row_with_too_many_cells_is_left_out() -> None:
    lines = written(marked_rows("other_solid")).splitlines()
    lines[2] += ",more,cells"
    form = read_form("\n".join(lines), "marked.csv", RULES)
    assert [str(problem) for problem in form.problems] == [
        "row 3: it has more cells than there are headings."
    ]


def test_every_fault_of_a_row_is_named_at_once() -> None:
    rows = marked_rows("other_solid")
    rows[0].update(level="often", options="prayer", grade="5", nodes_positive="many")
    columns = [problem.column for problem in read(rows).problems]
    assert columns == ["level", "options", "grade", "nodes_positive"]


def test_a_digest_that_moved_is_said_with_both_editions() -> None:
    rows = marked_rows("other_solid")
    for row in rows:
        row["digest"], row["edition"] = "0" * 64, "2025.3"
    form = read(rows)
    assert [str(moved) for moved in form.moved] == [
        "other_solid: the rules have changed since the form was made (edition 2025.3 then, 2026.1 now); "
        "what is scored is the table as it is now."
    ]
    assert score(form).percent == 100


def test_rows_that_cannot_be_traced_are_said() -> None:
    rows = marked_rows("other_solid")
    rows[0]["digest"] = ""
    assert [str(moved) for moved in read(rows).moved] == [
        "other_solid: some rows do not say which rules they were made from."
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_form_saved_by_any_spreadsheet_is_read(delimiter: str, tmp_path: Path, program: Program) -> None:
    text, count = written(marked_rows("colon"), delimiter), len(covered("colon").cases)
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        path = tmp_path / f"{encoding}.csv"
        path.write_text(text.replace("\r\n", "\n"), encoding=encoding, newline="\r\n")
        told = program("rules", "agreement", path)
        assert (told.code, told.err) == (0, "")
        assert f"{count} of {count} cases the same (100 %)" in told.out


def test_blank_rows_and_the_experts_own_columns_are_passed_over() -> None:
    rows = marked_rows("other_solid")
    blank = dict.fromkeys(rows[0], "")
    rows = [{**row, "initials": value} for row, value in zip([*rows, blank], itertools.repeat("XY"))]
    rows[-1]["initials"] = ""
    form = read(rows)
    assert len(form.marks) == 11
    assert form.ignored == ("initials",)


def test_a_comment_of_several_lines_does_not_move_the_numbers_of_rows() -> None:
    rows = marked_rows("other_solid")
    rows[0]["comment"] = "one\ntwo, and three"
    rows[1]["level"] = "x"
    assert [problem.row for problem in read(rows).problems] == [3]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has no column cancer, level and options"),
        ("id,cancer,grade\n1,colon,2\n", "has no column level and options"),
        ("cancer,level,options,level\n", "has the column level twice; keep one"),
        ("cancer,level,options\n", "holds no rows under its headings"),
        ("cancer,level,options\nnone,,\n", "row 2, column cancer: there is no such table."),
        (f'cancer,level,options\ncolon,"{"x" * 140_000}",', "is not CSV"),
    ],
)
def test_what_is_no_form_is_refused_with_what_is_missing(text: str, sentence: str) -> None:
    with pytest.raises(CaseError) as caught:
        read_form(text, "marked.csv", RULES)
    assert str(caught.value).startswith(f"marked.csv {sentence}")


SECRET = "Zq7x"
"""What stands in every cell of a row that must never be repeated."""


@given(st.lists(st.lists(st.text(max_size=8).map(lambda text: text + SECRET), max_size=9), max_size=6))
def test_whatever_stands_in_the_rows_is_read_or_refused_and_never_repeated(cells: list[list[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["cancer", "level", "options", "grade", "nodes_positive", "vascular_invasion"])
    writer.writerows([["other_solid", *row] for row in cells])
    try:
        form = read_form(text.getvalue(), "marked.csv", RULES)
        score(form)
        said = " ".join(map(str, form.problems))
    except CaseError as error:
        said = str(error)
    assert SECRET not in said


# ---- the command


def test_the_report_has_the_figures_and_the_cases_that_differ(tmp_path: Path, program: Program) -> None:
    rows = marked_rows("other_solid")
    rows[2]["level"] = next(level for level in LEVELS if level != rows[2]["level"])
    (tmp_path / "marked.csv").write_text(written(rows), encoding="utf-8")
    told = program("rules", "agreement", tmp_path / "marked.csv")
    assert told.code == 0
    assert "10 of 11 cases the same (91 %)" in told.out
    assert "weighted kappa, linear: 0." in told.out
    assert "weighted kappa, quadratic: 0." in told.out
    assert "95 % interval" in told.out
    assert "other_solid-03: expert " in told.out
    assert "recommend" not in told.out.lower()


def test_as_json_everything_is_there_and_words_stay_on_standard_error(
    tmp_path: Path, program: Program
) -> None:
    rows = marked_rows("other_solid")
    rows[0]["level"] = "x"
    rows[1]["digest"] = "moved"
    (tmp_path / "marked.csv").write_text(written(rows), encoding="utf-8")
    told = program("rules", "agreement", tmp_path / "marked.csv", "--json")
    assert told.code == 4
    data = json.loads(told.out)
    assert data["level"]["compared"] == 10
    assert data["level"]["kappa_linear"] == {"value": 1.0, "low": None, "high": None}
    assert data["options"]["percent_agreement"] == 100
    assert data["problems"][0]["row"] == 2
    assert data["problems"][0]["column"] == "level"
    assert data["moved"] == [{"cancer": "other_solid", "made_from": "2026.1", "now": "2026.1"}]
    assert data["differ"] == []
    assert told.problems[0].startswith("marked.csv, row 2, column level: ")


def test_without_any_mark_the_report_says_so(tmp_path: Path, program: Program) -> None:
    rows = [{**row, "level": "", "options": ""} for row in marked_rows("other_solid")]
    (tmp_path / "marked.csv").write_text(written(rows), encoding="utf-8")
    told = program("rules", "agreement", tmp_path / "marked.csv")
    assert told.code == 0
    assert "no case has a level of both the expert and the table" in told.out
    assert "11 cases without a mark for the level" in told.out
    assert "no case has a mark for the options" in told.out


def test_a_kappa_that_is_not_defined_is_said_in_words(tmp_path: Path, program: Program) -> None:
    rows = [row for row in marked_rows("other_solid") if row["level"] == "high"]
    (tmp_path / "marked.csv").write_text(written(rows), encoding="utf-8")
    assert "not defined, because both use one level throughout" in " ".join(
        program("rules", "agreement", tmp_path / "marked.csv").out.split()
    )


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: None, "does not exist"),
        (lambda path: path.mkdir(), "is a directory; give the marked CSV file"),
        (lambda path: path.write_bytes(b"caf\xe9,level"), "is not UTF-8 text; save the form as CSV in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    make: Callable[[Path], None], sentence: str, tmp_path: Path, program: Program
) -> None:
    path = tmp_path / "marked.csv"
    make(path)
    told = program("rules", "agreement", path)
    assert (told.code, told.out, told.err) == (2, "", f"{path} {sentence}\n")


def test_a_name_that_no_file_can_have_is_one_sentence(program: Program) -> None:
    told = program("rules", "agreement", "a\0b.csv")
    assert told.code == 2
    assert told.err.endswith("cannot be read (no file can have such a name)\n")


def test_the_experts_own_columns_are_said_to_be_left_out(tmp_path: Path, program: Program) -> None:
    rows = [{**row, "initials": "XY"} for row in marked_rows("other_solid")]
    (tmp_path / "marked.csv").write_text(written(rows), encoding="utf-8")
    told = program("rules", "agreement", tmp_path / "marked.csv")
    assert told.code == 0
    assert told.err == 'Columns that are no fields were left out: "initials".\n'


def test_a_case_that_differs_in_the_options_alone_says_which_on_either_side(
    tmp_path: Path, program: Program
) -> None:
    rows = marked_rows("other_solid")
    named = set(rows[0]["options"].split(";"))
    lost = next(option for option in ("surveillance", "check-again") if option not in named)
    rows[0]["options"] = lost
    rows[1]["grade"] = ""
    (tmp_path / "marked.csv").write_text(written(rows), encoding="utf-8")
    out = " ".join(program("rules", "agreement", tmp_path / "marked.csv").out.split())
    assert f"level {rows[0]['level'].replace('_', ' ')} by both (row 2)" in out
    assert f"only the expert would discuss: {lost}" in out
    assert f"only the table names: {', '.join(sorted(named))}" in out
