"""`riskcli rules vignettes`, `agreement`, `new`, and `riskcli schema`: to write tables and to judge them."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from riskcli import words
from riskcli.cli.apart import keep_apart
from riskcli.cli.output import ANSWERED, SOME_WRONG, json_text, say, write, write_whole
from riskcli.cli.page import show_data, show_page
from riskcli.cli.routing import Job, Route
from riskcli.errors import quoted, refused

if TYPE_CHECKING:
    from riskcli.schemas import Schema
    from riskcli.tables import Vocabulary, Word
    from riskcli.vignettes import Covering

SCHEMA = "schema"

RulesOption = Annotated[
    str | None, typer.Option("--rules", metavar="DIR", help="Add or replace rule tables (a hospital's own).")
]
OutputOption = Annotated[
    str | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file, in UTF-8.")
]


def add_authoring(app: typer.Typer, route: Route) -> None:
    """Add the commands by which a table is begun and held against an expert's judgement."""

    @app.command()
    def vignettes(
        cancer: str = typer.Argument(metavar="CANCER", autocompletion=route.cancers),
        most: Annotated[
            int | None, typer.Option("-n", metavar="N", min=1, help="Only the N cases that touch most.")
        ] = None,
        csv: Annotated[bool, typer.Option("--csv", help="As CSV, to be marked and read back.")] = False,
        markdown: Annotated[
            bool, typer.Option("--markdown", help="As Markdown, to print. [default]")
        ] = False,
        output: OutputOption = None,
        rules: RulesOption = None,
    ) -> Job:
        """Write a form with the fewest cases that touch every row, criterion and threshold of a table.

        The program's own answers are not on it. `riskcli rules agreement` reads the marked CSV.
        """
        return lambda: write_form(route, cancer, most, (csv, markdown), output)

    @app.command()
    def agreement(
        marked: Annotated[str, typer.Argument(metavar="MARKED.csv", help="The form as it was marked.")],
        json_: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
        rules: RulesOption = None,
    ) -> Job:
        """Say how far an expert's marks agree with a table, and which cases differ.

        Exit code 4 when some rows could not be read.
        """
        return lambda: show_agreement(route, marked, json_)

    @app.command()
    def new(
        cancer: Annotated[str, typer.Argument(metavar="CANCER", help="A cancer of the vocabulary.")],
        output: OutputOption = None,
        rules: RulesOption = None,
    ) -> Job:
        """Begin a rule table: a commented skeleton that loads, with the fields of the vocabulary."""
        return lambda: begin_table(route, cancer, output)


def schema_app(route: Route) -> typer.Typer:
    """Return the command that prints the JSON Schemas of cases, answers and rule tables."""
    app = typer.Typer(name=SCHEMA, help="Print the JSON Schema of a case, an answer or a rule table.")

    @app.command()
    def case(
        cancer: str = typer.Argument(metavar="CANCER", autocompletion=route.cancers),
        output: OutputOption = None,
        rules: RulesOption = None,
    ) -> Job:
        """Of a case of one cancer: its fields, and every way in which a value may be given."""
        return lambda: show_case_schema(route, cancer, output)

    @app.command()
    def assessment(output: OutputOption = None) -> Job:
        """Of an answer, as `riskcli assess --json` prints it."""
        return lambda: show_assessment_schema(route, output)

    @app.command("rules")
    def rules_(output: OutputOption = None, rules: RulesOption = None) -> Job:
        """Of a rule table, by which an editor completes and checks it.

        Write it beside the table and begin the table with the line
        `# yaml-language-server: $schema=rules.schema.json`.
        """
        return lambda: show_rules_schema(route, output)

    return app


def _deliver(route: Route, text: str, output: str | None) -> None:
    """Write a text to standard output, or to a file that is no rule file and say so."""
    keep_apart(route, {"--output": output})
    if output is None:
        write(sys.stdout, text)
    else:
        write_whole(output, text)
        say(words.say("command.written", path=output))


# ---- vignettes


def write_form(
    route: Route, cancer: str, most: int | None, form: tuple[bool, bool], output: str | None
) -> int:
    """Write the cases of a table as a form; `form` says whether CSV and whether Markdown is wanted.

    Raises:
        CaseError: there is no such table, both forms are wanted, or the file cannot be written.
        RuleFileError: the table is faulty.
    """
    from riskcli.forms import csv_form, how_to_mark, markdown_form
    from riskcli.vignettes import covering

    as_csv, as_markdown = form
    if as_csv and as_markdown:
        raise refused(words.say("marking.two_forms"))
    as_csv = as_csv or (not as_markdown and (output or "").lower().endswith(".csv"))
    table = route.rules.get(cancer)
    found = covering(table, most)
    _deliver(route, (csv_form if as_csv else markdown_form)(found, table), output)
    say(*_said_of(found), *(how_to_mark(table) if as_csv else ()))
    return ANSWERED


def _said_of(found: Covering) -> list[str]:
    """Say how much the cases touch, and what they leave out."""
    touched = found.goals - len(found.untouched)
    lines = [words.say_many("marking.touches", len(found.cases), touched=touched, goals=found.goals)]
    if found.untouched and not found.limited:
        lines.append(words.say("marking.not_reached", goals="; ".join(map(str, found.untouched))))
    return lines


# ---- agreement


def show_agreement(route: Route, path: str, as_json: bool) -> int:
    """Score a marked form, and return the exit code.

    Raises:
        CaseError: the form cannot be read at all.
        RuleFileError: a table is faulty.
    """
    from riskcli.agreement import score
    from riskcli.marked import read_form
    from riskcli.report.agreement import agreement_page

    name = os.path.basename(path) or path
    form = read_form(_text_of(path), name, route.rules)
    found = score(form)
    if as_json:
        problems = [
            {"row": problem.row, "column": problem.column, "message": problem.message}
            for problem in form.problems
        ]
        moved = [vars(item) for item in form.moved]
        show_data({**found.data(), "problems": problems, "moved": moved, "ignored": list(form.ignored)})
    else:
        show_page(agreement_page(found, name))
    told = [words.say("marking.problem", name=name, problem=problem) for problem in form.problems]
    say(*told, *map(str, form.moved))
    if form.ignored:
        say(words.say("marking.ignored", columns=", ".join(map(quoted, form.ignored))))
    return SOME_WRONG if form.problems else ANSWERED


def _text_of(path: str) -> str:
    """Return the text of a file as spreadsheets save it.

    Raises:
        CaseError: it cannot be read.
    """
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise refused(words.say("file.missing", name=path)) from None
    except IsADirectoryError:
        raise refused(words.say("marking.directory", name=path)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or words.say("marking.no_such_name")
        raise refused(words.say("file.unreadable", name=path, reason=reason)) from None
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise refused(words.say("marking.not_utf8", name=path)) from None


# ---- new


def begin_table(route: Route, cancer: str, output: str | None) -> int:
    """Write the skeleton of a table.

    Raises:
        CaseError: the cancer is not in the vocabulary, or the file exists or has another name.
        RuleFileError: a vocabulary is faulty.
    """
    from riskcli.skeleton import skeleton

    if output is not None:
        target = Path(output)
        if target.name != f"{cancer}.yaml":
            raise refused(words.say("new_table.named", path=output, cancer=cancer))
        if target.exists():
            raise refused(words.say("new_table.exists", path=output))
    _deliver(route, skeleton(cancer, _vocabulary(route, output), date.today()), output)
    if cancer in route.rules.names:
        say(words.say("new_table.another", cancer=cancer))
    return ANSWERED


def _vocabulary(route: Route, output: str | None) -> Vocabulary:
    """Return the packaged vocabulary with those beside one's own tables.

    Raises:
        RuleFileError: one of them is faulty.
    """
    from riskcli.loader import VOCABULARY
    from riskcli.rule_files import read_vocabulary

    rules = route.rules
    places = [place if place.is_dir() else place.parent for place in rules.places]
    beside = [] if output is None else [Path(output).parent]
    found: dict[str, dict[str, Word]] = {}
    for place in (rules.packaged, *places, *beside):
        if (place / VOCABULARY).is_file():
            for cancer, words in read_vocabulary(place / VOCABULARY).items():
                found[cancer] = {**found.get(cancer, {}), **words}
    return found


# ---- schemas


def show_case_schema(route: Route, cancer: str, output: str | None) -> int:
    """Print the schema of a case.

    Raises:
        CaseError: there is no such table.
        RuleFileError: the table is faulty.
    """
    from riskcli.case_schema import case_schema

    return _show_schema(route, case_schema(route.rules.get(cancer)), output)


def show_assessment_schema(route: Route, output: str | None) -> int:
    """Print the schema of an answer."""
    from riskcli.schemas import assessment_schema

    return _show_schema(route, assessment_schema(), output)


def show_rules_schema(route: Route, output: str | None) -> int:
    """Print the schema of a rule table.

    Raises:
        RuleFileError: a vocabulary is faulty.
    """
    from riskcli.schemas import rules_schema

    return _show_schema(route, rules_schema(_vocabulary(route, None)), output)


def _show_schema(route: Route, schema: Schema, output: str | None) -> int:
    """Print a schema."""
    _deliver(route, json_text(schema, None if output else sys.stdout), output)
    return ANSWERED
