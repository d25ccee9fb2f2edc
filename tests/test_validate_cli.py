"""`riskcli cohort validate`: what it reads, refuses and prints, and two real cohorts from end to end."""

from __future__ import annotations

import csv
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import Run

from riskcli.cohort.columns import Naming
from riskcli.cohort.followed import gather
from riskcli.cohort.judging import validate
from riskcli.cohort.outcomes import OutcomeColumns
from riskcli.cohort.reading import Cohort
from riskcli.cohort.rows import Rowwise
from riskcli.cohort.sources import open_source
from riskcli.cohort.validation import Validation
from riskcli.loader import load_rules
from riskcli.report.terminal import plain_text
from riskcli.report.validation import validation_blocks

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
"""A file that is refused before it is read to its end is closed when it is forgotten."""

HERE = Path(__file__).parent
SNAPSHOTS = HERE / "snapshots"
MISSING = "nowhere"
"""A cancer that has no table yet."""
TCGA = HERE / "data" / "cohorts" / "colorectal_tcga.csv"
OUTCOME = ("--time", "years", "--event", "relapse", "--time-unit", "years")


def written(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """Write a cohort as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def people(count: int = 40, **more: Any) -> list[dict[str, Any]]:
    """Return people with a cancer of the colon, of whom those with more nodes do worse."""
    rows = []
    for number in range(count):
        worse = number % 2
        row = {
            "person": f"p{number}",
            "cancer": "colon",
            "t_category": "T3" if worse else "T1",
            "nodes_positive": 8 if worse else 0,
            "nodes_examined": 20,
            "tumour_deposits": "absent",
            "years": 1 + number / 50 if worse and number % 4 == 1 else 7 + number / 50,
            "relapse": int(bool(worse) and number % 4 == 1),
        }
        rows.append({**row, **more})
    return rows


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    """A small cohort without any fault."""
    return written(tmp_path / "cohort.csv", people())


@pytest.fixture(scope="session")
def gbsg2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The breast cohort that comes with lifelines, with its columns named as fields."""
    from lifelines.datasets import load_gbsg2

    rows = [
        {
            "id": number,
            "cancer": "breast",
            "grade": row.tgrade,
            "nodes_positive": row.pnodes,
            "tumour_size_mm": row.tsize,
            "er": "positive" if row.estrec >= 10 else "negative",
            "pr": "positive" if row.progrec >= 10 else "negative",
            "age_years": row.age,
            "menopausal_status": "postmenopausal" if row.menostat == "Post" else "premenopausal",
            "hormone": row.horTh,
            "days": row.time,
            "event": row.cens,
        }
        for number, row in enumerate(load_gbsg2().itertuples(), 1)
    ]
    return written(tmp_path_factory.mktemp("gbsg2") / "gbsg2.csv", rows)


# ---- a cohort without any fault


def test_levels_are_held_against_what_happened(run: Run, cohort: Path) -> None:
    told = run("cohort", "validate", cohort, *OUTCOME, "--id", "person", "--json")
    assert told.code == 0
    (colon,) = told.json["cancers"]
    low, _, _, worst, several = colon["levels"]
    assert (low["patients"], low["events"], low["verdict"]) == (20, 0, "inside")
    assert (worst["patients"], worst["events"]) == (20, 10)
    assert worst["at_horizon"]["percent"] == 50
    assert (worst["verdict"], several["patients"]) == ("inside", 0)
    assert colon["definite"] == {"patients": 40, "share": 1}
    assert colon["each_higher_level_has_more"] is True
    assert next(one["name"] for one in colon["comparators"]) == "nodes only"
    assert told.json["rows"]["read"] == 40
    assert told.json["method"]["recurrence"] == "Kaplan-Meier"


def test_what_it_was_told_of_endpoint_and_treatment_is_said(run: Run, cohort: Path) -> None:
    untold = run("cohort", "validate", cohort, *OUTCOME).out
    assert "Not told which events count (--endpoint)." in untold
    assert "Not told how these people were treated (--treated)." in untold
    told = run(
        "cohort", "validate", cohort, *OUTCOME, "--endpoint", "any recurrence", "--treated", "surgery alone"
    )
    assert "Events counted, as told: any recurrence." in told.out
    assert "Treatment, as told: surgery alone." in told.out
    for text in (untold, told.out):
        flat = " ".join(text.split())
        assert "a cohort that was treated understates it" in flat
        assert "any recurrence, or death, overstates it" in flat


def test_standard_output_carries_the_answer_alone(run: Run, cohort: Path) -> None:
    told = run("cohort", "validate", cohort, *OUTCOME)
    assert told.out.startswith("Levels held against what happened\n")
    assert "Read 40 rows." in told.err
    assert "Read 40 rows." not in told.out


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_it_fits_its_terminal(width: int, encoding: str, shell: Run, cohort: Path, tmp_path: Path) -> None:
    env = {"COLUMNS": str(width), "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    told = shell("cohort", "validate", cohort, *OUTCOME, "--by-rule", env=env)
    assert told.code == 0
    assert max(map(len, told.out.splitlines())) <= width
    assert told.out.isascii() == (encoding == "ascii")
    assert "?" not in told.out.replace("rank?", "").replace("place?", "").replace("twice?", "")


# ---- what is refused


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--time", "years", "--event", "relapse"), "--time-unit"),
        (("--time", "years", "--event", "relapse", "--time-unit", "ages"), '--time-unit "ages" is none'),
        ((*OUTCOME, "--where", "cancer"), '--where "cancer" is not COLUMN=VALUE'),
        ((*OUTCOME, "--event-value", "distnat"), 'no row has "distnat" in column "relapse"'),
        ((*OUTCOME, "--competing", "died"), 'column "died"'),
        (("--time", "yaers", "--event", "relapse", "--time-unit", "years"), 'column "yaers"'),
        ((*OUTCOME, "--where", "person=nobody"), "no row has both an answer and a time"),
        ((*OUTCOME, "--min-cell", "0"), "min-cell"),
    ],
)
def test_wrong_input_is_one_sentence_and_exit_code_2(
    run: Run, cohort: Path, flags: tuple[str, ...], said: str
) -> None:
    told = run("cohort", "validate", cohort, *flags)
    assert told.code == 2
    assert said in told.err
    assert told.out == ""


def test_an_event_that_cannot_be_read_names_row_and_column_and_no_value(run: Run, tmp_path: Path) -> None:
    rows = people()
    rows[6]["relapse"] = "secret-value"
    told = run("cohort", "validate", written(tmp_path / "c.csv", rows), *OUTCOME)
    assert told.code == 2
    assert 'row 7, column "relapse": is none of 1/0, yes/no and true/false' in told.err
    assert "secret" not in told.err + told.out


def test_bad_times_are_counted_with_their_rows_and_left_out(run: Run, tmp_path: Path) -> None:
    rows = people()
    for number, value in ((1, "-77.5"), (3, ""), (5, "unseen"), (7, "")):
        rows[number]["years"] = value
    told = run("cohort", "validate", written(tmp_path / "c.csv", rows), *OUTCOME, "--min-cell", "1")
    assert told.code == 0
    assert "Left out, the time is negative: 1 row, first 2." in told.err
    assert "Left out, the time is missing: 2 rows, first 4 and 8." in told.err
    assert "Left out, the time is not a number: 1 row, first 6." in told.err
    assert "36 patients" in told.out
    assert "unseen" not in told.err + told.out
    assert "77.5" not in told.err + told.out


def test_without_lifelines_one_sentence_says_how_to_get_it(
    run: Run, cohort: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lifelines", None)
    told = run("cohort", "validate", cohort, *OUTCOME)
    assert (told.code, told.out) == (2, "")
    assert told.problems == [
        'validation needs more libraries; install them with pip install "riskcli[validate]"'
    ]


def test_the_command_line_does_not_load_the_libraries_before_they_are_needed(shell: Run) -> None:
    told = shell("cohort", "validate", "--help", env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert told.code == 0
    assert not re.search(r"\| +(lifelines|jinja2|pandas|polars)$", told.err, re.M)


# ---- rows and columns


def test_units_give_the_same_figures(run: Run, tmp_path: Path) -> None:
    found = []
    for unit, factor in (("years", 1), ("months", 12), ("weeks", 365.25 / 7), ("days", 365.25)):
        rows = [{**row, "years": row["years"] * factor} for row in people()]
        path = written(tmp_path / f"{unit}.csv", rows)
        flags = ("--time", "years", "--event", "relapse", "--time-unit", unit, "--json")
        levels = run("cohort", "validate", path, *flags).json["cancers"][0]["levels"]
        found.append([(level["patients"], level["at_horizon"]) for level in levels])
    assert found == [found[0]] * 4


def test_event_values_and_yes_and_no_give_the_same_figures(run: Run, tmp_path: Path) -> None:
    words = [{**row, "relapse": "Yes" if row["relapse"] else "no"} for row in people()]
    kinds = [{**row, "relapse": "distant" if row["relapse"] else "none"} for row in people()]
    answers = [
        run("cohort", "validate", written(tmp_path / name, rows), *OUTCOME, "--json", *flags).json["cancers"]
        for name, rows, flags in (
            ("a.csv", people(), ()),
            ("b.csv", words, ()),
            ("c.csv", kinds, ("--event-value", "DISTANT")),
        )
    ]
    assert answers == [answers[0]] * 3


def test_outcomes_never_become_findings_and_near_misses_are_let_be(run: Run, tmp_path: Path) -> None:
    rows = [
        {**{name: value for name, value in row.items() if name not in ("years", "relapse")},
         "metastasis": row["relapse"], "node_positive": row["years"], "tumour_sze_mm": "x"}
        for row in people()
    ]  # fmt: skip
    rows = [{**row, "metastasis": "yes" if row["metastasis"] else "no"} for row in rows]
    path = written(tmp_path / "c.csv", rows)
    flags = ("--time", "node_positive", "--event", "metastasis", "--time-unit", "years")
    told = run("cohort", "validate", path, *flags, "--where", "tumour_sze_mm=X", "--json")
    assert told.code == 0
    assert told.json["cancers"][0]["patients"] == 40
    assert told.json["cancers"][0]["events"] == 10


def test_a_field_that_chooses_rows_is_still_read(run: Run, cohort: Path) -> None:
    told = run("cohort", "validate", cohort, *OUTCOME, "--where", "nodes_positive=8.0", "--json")
    levels = told.json["cancers"][0]["levels"]
    assert [level["patients"] for level in levels] == [0, 0, 0, 20, 0]
    assert told.json["rows"]["not_chosen"] == 20


def test_where_without_a_value_chooses_rows_with_nothing_there(run: Run, tmp_path: Path) -> None:
    rows = [{**row, "why": "" if number < 30 else "wrong"} for number, row in enumerate(people())]
    path = written(tmp_path / "c.csv", rows)
    told = run("cohort", "validate", path, *OUTCOME, "--where", "why=", "--json")
    assert (told.json["cancers"][0]["patients"], told.json["rows"]["not_chosen"]) == (30, 10)


def test_columns_of_an_earlier_answer_are_no_columns_of_this_one(run: Run, tmp_path: Path) -> None:
    rows = [{**row, "likelihood": "low", "rule": "x", "error": ""} for row in people()]
    told = run("cohort", "validate", written(tmp_path / "c.csv", rows), *OUTCOME, "--json")
    assert told.code == 0, told.err
    assert "likelihood, rule, error" in told.err
    assert [level["patients"] for level in told.json["cancers"][0]["levels"]] == [20, 0, 0, 20, 0]


def test_where_may_be_repeated_and_is_said(run: Run, tmp_path: Path) -> None:
    rows = [{**row, "alone": "yes" if number < 30 else "no"} for number, row in enumerate(people())]
    path = written(tmp_path / "c.csv", rows)
    told = run("cohort", "validate", path, *OUTCOME, "--where", "alone=yes", "--where", "t_category=T3")
    assert "Only rows with alone=yes and t_category=T3; 25 other rows left aside." in told.out
    assert "15 patients" in told.out


def test_competing_events_lower_the_recurrence(run: Run, tmp_path: Path) -> None:
    rows = [{**row, "died": int(number % 4 == 3)} for number, row in enumerate(people())]
    for row in rows:
        if row["died"]:
            row["years"] = 0.5
    path = written(tmp_path / "c.csv", rows)
    worst = [
        run("cohort", "validate", path, *OUTCOME, "--json", *flags).json["cancers"][0]["levels"][3]
        for flags in ((), ("--competing", "died"))
    ]
    assert worst[0]["events"] == worst[1]["events"] == 10
    assert worst[1]["competing_events"] == 10
    assert worst[1]["at_" + "5_years"]["percent"] is None  # nobody is left at risk
    told = run("cohort", "validate", path, *OUTCOME, "--competing", "died")
    assert "Aalen-Johansen" in told.out


def test_people_with_several_rows_are_reported_without_their_ids(run: Run, tmp_path: Path) -> None:
    rows = people()
    rows[5]["person"] = rows[4]["person"] = "hidden-id"
    rows[9]["person"] = rows[8]["person"] = "hidden-two"
    rows[9]["cancer"] = "other_solid"
    path = written(tmp_path / "c.csv", rows)
    told = run("cohort", "validate", path, *OUTCOME, "--id", "person")
    assert (
        "of one cancer (rows that stand twice?): <5, in <5 rows, first row 6; every row counts." in told.err
    )
    assert "of several cancers (several tumours of a person): <5, in <5 rows, first row 10" in told.err
    assert "hidden" not in told.out + told.err
    assert "No --id was given" in run("cohort", "validate", path, *OUTCOME).out


def test_each_cancer_has_a_section_and_no_row_is_lost(run: Run, tmp_path: Path) -> None:
    rows = people(60)
    for number, row in enumerate(rows):
        if number < 20:
            row |= {"cancer": "other_solid", "t_category": "", "tumour_deposits": ""}
        elif number < 27:
            row["cancer"] = MISSING
        elif number < 33:
            row["nodes_positive"] = 999
    told = run("cohort", "validate", written(tmp_path / "c.csv", rows), *OUTCOME, "--json")
    sections = {one["cancer"]: one for one in told.json["cancers"]}
    assert [*sections] == ["colon", "other_solid"]
    assert sections["colon"]["patients"] == 27
    assert sections["colon"]["not_answered"] == {"error": 6}
    assert sections["other_solid"]["patients"] == 20
    assert sum(told.json["rows"]["without_table"].values()) == 7


def test_with_and_without_what_is_assumed(run: Run, tmp_path: Path) -> None:
    rows = [{**row, "tumour_deposits": ""} for row in people()]
    path = written(tmp_path / "c.csv", rows)
    told = run("cohort", "validate", path, *OUTCOME, "--assume", "tumour_deposits=absent", "--json")
    assert told.json["cancers"][0]["definite"]["patients"] == 40
    assert told.json["without_assumptions"][0]["definite"]["patients"] == 20
    page = tmp_path / "page.html"
    said = run("cohort", "validate", path, *OUTCOME, "--assume", "tumour_deposits=absent", "--report", page)
    for text in (said.out, page.read_text(encoding="utf-8")):
        assert "without what was assumed" in text
        assert "20 of 40 (50 %)" in text
        assert "40 of 40 (100 %)" in text


def test_few_patients_are_not_printed_anywhere(run: Run, tmp_path: Path) -> None:
    rows = people()
    for row in rows[:34]:
        row |= {"t_category": "T1", "nodes_positive": 0, "relapse": 0, "years": 7}
    path, page = written(tmp_path / "c.csv", rows), tmp_path / "page.html"
    told = run("cohort", "validate", path, *OUTCOME, "--report", page, "--min-cell", "4")
    assert re.search(r"very high +<4 .*too few to print", told.out)
    assert "&lt;4" in page.read_text(encoding="utf-8")
    told = run("cohort", "validate", path, *OUTCOME, "--json", "--min-cell", "3")
    worst = told.json["cancers"][0]["levels"][3]
    assert (worst["patients"], worst["events"]) == (3, 1)


def test_the_summary_on_standard_error_tells_no_small_number(run: Run, tmp_path: Path) -> None:
    rows = people()
    for row in rows[:34]:
        row |= {"t_category": "T1", "nodes_positive": 0, "relapse": 0, "years": 7}
    rows[0]["grade"], rows[1]["years"], rows[2]["years"] = "seven", "", ""
    for row in rows[1:]:
        row["grade"] = ""
    path, page = written(tmp_path / "c.csv", rows), tmp_path / "page.html"
    told = run("cohort", "validate", path, *OUTCOME, "--report", page)
    assert "Answers:" not in told.err
    assert "Read rows, their number kept back." in told.err
    assert "  <5 rows, first row 1: grade" in told.err
    assert "Left out, the time is missing: <5 rows, first 2." in told.err
    assert "Kept back: figures from which a group of fewer than 5 patients" in " ".join(told.out.split())
    assert "kept back" in page.read_text(encoding="utf-8")
    told = run("cohort", "validate", path, *OUTCOME, "--min-cell", "1")
    assert re.search("Answers: .*very high 3", told.err)
    assert "Read 40 rows." in told.err


def test_by_rule_sets_the_cited_figure_beside_the_observed_one(run: Run, cohort: Path) -> None:
    told = run("cohort", "validate", cohort, *OUTCOME, "--by-rule", "--json")
    rules = {rule["rule"]: rule for rule in told.json["cancers"][0]["rules"]}
    decided = rules["t3-nodes-7-or-more"]
    assert (decided["patients"], decided["events"]) == (20, 10)
    assert decided["published"]["years"] == decided["at_cited_time"]["years"] == 3
    assert decided["at_cited_time"]["percent"] == 50
    text = " ".join(run("cohort", "validate", cohort, *OUTCOME, "--by-rule").out.split())
    assert "t3-nodes-7-or-more (very high, converted): 62.7 % disease-free survival (37.3 % without)" in text
    assert "n 20, events 10, observed in 100: 50 (31-73) at 3 years" in text


def test_a_page_escapes_what_a_file_and_a_command_line_say(run: Run, tmp_path: Path) -> None:
    rows = [{**row, "<script>alert(1)</script>": "<b>"} for row in people()]
    path, page = written(tmp_path / "c.csv", rows), tmp_path / "page.html"
    flags = ("--where", "<script>alert(1)</script>=<b>", "--endpoint", "<img src=x>", "--report", page)
    told = run("cohort", "validate", path, *OUTCOME, *flags)
    assert told.code == 0
    assert f"Page written to {page}." in told.err
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;=&lt;b&gt;" in text


# ---- real cohorts


def test_the_breast_cohort_of_lifelines(run: Run, gbsg2: Path) -> None:
    told = run("cohort", "validate", gbsg2, *GBSG2, "--json")
    (breast,) = told.json["cancers"]
    assert (breast["patients"], breast["events"]) == (686, 299)
    assert breast["each_higher_level_has_more"] is True
    assert {level["verdict"] for level in breast["levels"]} == {"cannot be judged", None}
    figures = [level["at_5_years"]["percent"] for level in breast["levels"][1:4]]
    assert figures == sorted(figures)
    assert 0.6 < breast["concordance"]["value"] < 0.7
    assert [one["name"] for one in breast["comparators"]][:2] == ["nodes only", "grade only"]
    assert breast["log_rank"]["p"] < 1e-6


GBSG2 = (
    *("--time", "days", "--event", "event", "--time-unit", "days", "--id", "id"),
    *("--endpoint", "recurrence, second malignancy or death", "--treated", "chemotherapy, some hormone too"),
)


@pytest.fixture(scope="session")
def leaves(gbsg2: Path) -> Validation:
    """Patients of the breast cohort under an invented table that nobody will change."""
    rules = load_rules(HERE / "data" / "report")
    columns = OutcomeColumns("days", "event", "days", person="id")
    naming = Naming(untouched=frozenset({"days", "event", "cancer", "pr", "age_years"}))
    cohort = Cohort(open_source(str(gbsg2), "csv"), Rowwise(rules, "example_leaf"), naming)
    found = validate(gather(cohort, columns), rules, "recurrence or death", "chemotherapy", by_rule=True)
    sections = tuple(replace(section, origin="packaged", digest="0" * 64) for section in found.sections)
    return replace(found, sections=sections)


@pytest.mark.parametrize(("width", "ascii_only"), [(60, False), (80, False), (120, False), (80, True)])
def test_the_screen_of_an_invented_table(width: int, ascii_only: bool, leaves: Validation) -> None:
    """A screen for a person to read; it is recorded again as those of the report are."""
    shown = plain_text(validation_blocks(leaves, width, ascii_only), width, ascii_only)
    assert max(map(len, shown.splitlines())) <= width
    kept = SNAPSHOTS / f"validate-{width}{'-ascii' if ascii_only else ''}.txt"
    if os.environ.get("RISKCLI_RECORD"):
        kept.write_text(shown, encoding="utf-8")
    assert shown == kept.read_text(encoding="utf-8")


def test_a_local_table_is_named_before_its_figures(run: Run, tmp_path: Path) -> None:
    rows = [{**row, "cancer": "example_leaf", "tumour_deposits": ""} for row in people()]
    rows = [{name: row[name] for name in ("cancer", "nodes_positive", "years", "relapse")} for row in rows]
    path, page = written(tmp_path / "c.csv", rows), tmp_path / "page.html"
    rules = HERE / "data" / "report"
    told = run("cohort", "validate", path, *OUTCOME, "--rules", rules, "--report", page)
    assert "Local table " in told.out
    assert "example_leaf.yaml" in told.out
    assert "example_leaf.yaml" in page.read_text(encoding="utf-8")


def test_a_subgroup_of_the_breast_cohort(run: Run, gbsg2: Path) -> None:
    told = run("cohort", "validate", gbsg2, *GBSG2, "--where", "hormone=yes", "--json")
    assert told.json["cancers"][0]["patients"] == 246


def test_the_colorectal_cohort(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    told = run(
        "cohort", "validate", TCGA, "--time", "time_years", "--event", "event", "--time-unit", "years",
        "--id", "id", "--by-rule", "--report", page, "--json",
    )  # fmt: skip
    assert told.code == 0
    colon, rectum = told.json["cancers"]
    assert (colon["patients"] + 2, rectum["patients"]) == (380, 130)
    assert colon["levels"][4]["patients"] > 100
    assert "UICC/AJCC TNM 8 stage group" in {one["name"] for one in colon["comparators"]}
    assert colon["concordance"]["value"] > 0.6
    assert len(colon["rules"]) > 20
    assert page.read_text(encoding="utf-8").count("<svg") == 4
