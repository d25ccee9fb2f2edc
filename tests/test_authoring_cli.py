"""The command that writes the form of a table's cases."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from authoring_side import RULES, Program, covered, table

from riskcli.cli.authoring import add_authoring, schema_app
from riskcli.cli.routing import Route
from riskcli.forms import csv_form, markdown_form
from riskcli.vignettes import covering


@pytest.fixture
def program(capsys: pytest.CaptureFixture[str]) -> Program:
    """The commands of authors."""
    return Program(capsys)


@pytest.mark.parametrize("form", [(), ("--markdown",)])
def test_the_form_is_markdown_unless_another_is_asked_for(form: tuple[str, ...], program: Program) -> None:
    told = program("rules", "vignettes", "other_solid", *form)
    assert told.code == 0
    assert told.out == markdown_form(covered("other_solid"), table("other_solid"))
    assert told.err == "11 cases touch 22 of 22 rows, criteria and sides of thresholds.\n"


def test_the_csv_form_comes_with_how_it_is_marked(program: Program) -> None:
    told = program("rules", "vignettes", "other_solid", "--csv")
    assert told.code == 0
    assert told.out == csv_form(covered("other_solid"), table("other_solid"))
    assert told.problems[1] == "level: low, intermediate, high or very_high."
    assert told.problems[2].startswith(
        "options: what you would discuss, with ; between, or none. The ids are: "
    )
    for option in table("other_solid").table["options"]:
        assert option["id"] in told.problems[2]


@pytest.mark.parametrize(
    ("file", "form"), [("a.csv", csv_form), ("a.CSV", csv_form), ("a.md", markdown_form)]
)
def test_the_name_of_the_file_says_which_form_is_meant(file, form, program: Program, tmp_path: Path) -> None:
    told = program("rules", "vignettes", "colon", "-o", tmp_path / file)
    assert (told.code, told.out) == (0, "")
    assert told.problems[0] == f"Written to {tmp_path / file}."
    text = (tmp_path / file).read_text(encoding="utf-8")
    assert text == form(covered("colon"), table("colon"))


GOALS = "rows, criteria and sides of thresholds."


def test_what_no_definite_case_reaches_is_said(program: Program) -> None:
    told = program("rules", "vignettes", "colon")
    found = covered("colon")
    assert len(found.untouched) == 2
    assert told.problems == [
        f"{len(found.cases)} cases touch {found.goals - 2} of {found.goals} {GOALS}",
        "No definite case reaches: option bowel-resection bowel-resection-nodes-not-examined; "
        "threshold nodes_examined 0.",
    ]


def test_a_limit_is_kept_and_what_it_leaves_is_counted(program: Program) -> None:
    told = program("rules", "vignettes", "colon", "-n", "1")
    found = covering(table("colon"), 1)
    touched = found.goals - len(found.untouched)
    assert told.out == markdown_form(found, table("colon"))
    assert told.problems == [
        f"1 case touches {touched} of {found.goals} rows, criteria and sides of thresholds."
    ]


def test_two_forms_at_once_are_refused(program: Program) -> None:
    told = program("rules", "vignettes", "colon", "--csv", "--markdown")
    assert (told.code, told.out) == (2, "")
    assert told.err == "--csv and --markdown are two forms of the same cases; give one of them\n"


@pytest.mark.parametrize("most", ["0", "-3", "few"])
def test_a_limit_that_is_none_is_refused_in_one_sentence(most: str, program: Program) -> None:
    told = program("rules", "vignettes", "colon", "-n", most)
    assert (told.code, told.out, told.err.count("\n")) == (2, "", 1)


def test_a_cancer_without_a_table_is_refused_as_everywhere(program: Program) -> None:
    told = program("rules", "vignettes", "nowhere")
    assert told.code == 2
    assert '"nowhere" is not a cancer with a rule table' in told.err


def test_one_s_own_table_is_covered_as_well(program: Program) -> None:
    own = Path(__file__).parent / "data" / "rules"
    told = program("rules", "vignettes", "example_duct", "--csv", rules=own)
    assert told.code == 0
    assert told.out.count("\nexample_duct-") > 3
    assert "example_duct" not in RULES.names


def test_a_file_that_cannot_be_written_is_one_sentence(program: Program, tmp_path: Path) -> None:
    told = program("rules", "vignettes", "colon", "-o", tmp_path)
    assert told.code == 2
    assert told.problems == [f"{tmp_path} cannot be written (it is a directory)"]


def test_the_cancers_that_have_a_table_are_offered_to_a_shell() -> None:
    route = Route([], RULES)
    rules = typer.Typer()
    add_authoring(rules, route)
    for app, command in ((rules, "vignettes"), (schema_app(route), "case")):
        group = typer.main.get_command(app)
        words = group.commands[command].params[0]
        assert [item.value for item in words.shell_complete(typer.Context(group), "co")] == ["colon"]
