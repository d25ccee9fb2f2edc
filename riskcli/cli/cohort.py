"""`riskcli cohort`: many cases from a file to a file, and what a cohort says of the rules."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from riskcli import words
from riskcli.cli import cohort_input as told
from riskcli.cli.output import ANSWERED, SOME_WRONG, say
from riskcli.cli.routing import Job, Route
from riskcli.errors import CaseError, Problem, quoted
from riskcli.records import STDIN, writable

COHORT = "cohort"


def cohort_app(route: Route) -> typer.Typer:
    """Return the commands over cohorts."""
    app = typer.Typer(name=COHORT, help="Answer many cases, and hold the levels against what happened.")

    @app.command()
    @told.reading_flags
    def assess(
        path: told.InputArgument,
        out: Annotated[
            str | None, typer.Argument(metavar="OUT", help="The answers, as -o gives them.")
        ] = None,
        output: Annotated[
            str | None,
            typer.Option("--output", "-o", metavar="OUT", help="The answers; - for standard output."),
        ] = None,
        to: Annotated[
            str | None, typer.Option("--to", metavar="FORMAT", help="What to write, where OUT does not say.")
        ] = None,
        prefix: Annotated[
            str, typer.Option("--prefix", metavar="TEXT", help="What the columns of the answer begin with.")
        ] = "",
        full: Annotated[
            bool, typer.Option("--full", help="Write the whole answer of every row, as JSON Lines.")
        ] = False,
        reports: Annotated[
            str | None, typer.Option("--reports", metavar="DIR", help="Write one page a row as well.")
        ] = None,
        reports_as: Annotated[
            str | None,
            typer.Option(
                "--reports-as", metavar="txt|md|html", help="What the pages are; text as it stands."
            ),
        ] = None,
        fhir_out: Annotated[
            str | None,
            typer.Option(
                "--fhir-out", metavar="FILE", help="Write FHIR R4 RiskAssessments as well, one a line."
            ),
        ] = None,
        strict: Annotated[bool, typer.Option("--strict", help="Write nothing when a row is wrong.")] = False,
        no_formulas: Annotated[
            bool,
            typer.Option(
                "--no-formulas",
                help="Keep spreadsheets from running text of a CSV file; xlsx is safe.",
            ),
        ] = False,
        engine: Annotated[
            str, typer.Option("--engine", metavar="polars|spark", help="Spark for more than one machine.")
        ] = "polars",
        **reading: Any,
    ) -> Job:
        """Answer every row of a cohort, in its place: CSV, TSV, Parquet, xlsx or JSON Lines in and out.

        Columns that are no fields pass through. A wrong row keeps its place, with the reason in column error.

        Exit codes: 0 every row is answered, 4 some are wrong (the others are written), 2 nothing is written.
        """
        given = told.Given.of(path, reading, writable(prefix))
        where = _one_output(out, output)
        wanted = Wanted(where, to, full, reports, reports_as, strict, no_formulas, engine, fhir_out)
        return lambda: assess_cohort(route, given, wanted)

    from riskcli.cli.gaps import add_gaps
    from riskcli.cli.validate import add_validate

    add_gaps(app, route)
    add_validate(app, route)
    return app


@dataclass(frozen=True)
class Wanted:
    """What is to be written."""

    output: str
    to: str | None = None
    full: bool = False
    reports: str | None = None
    reports_as: str | None = None
    strict: bool = False
    no_formulas: bool = False
    engine: str = "polars"
    fhir_out: str | None = None

    def refuse_twice(self, path: str) -> None:
        """Refuse what reads the cohort again where it can be read once only.

        Raises:
            CaseError: with the flag that does.
        """
        again = [
            flag for flag, value in (("--reports", self.reports), ("--fhir-out", self.fhir_out)) if value
        ]
        if again and path == STDIN:
            raise CaseError([Problem(None, None, words.say("cohort.read_twice", flag=again[0]))])


def _one_output(*given: str | None) -> str:
    """Return where the answers go.

    Raises:
        CaseError: that is not said, or said twice.
    """
    said = [name for name in given if name is not None]
    if len(said) != 1:
        key = "registry.flags.two_outputs" if said else "registry.flags.no_output"
        raise CaseError([Problem(None, None, words.say(key))])
    return said[0]


def assess_cohort(route: Route, given: told.Given, wanted: Wanted) -> int:
    """Answer a cohort, write it, say what was met, and return the exit code."""
    told.need_cohort()
    _check_pages(wanted)
    from riskcli.cohort.run import Refused, assess_file
    from riskcli.cohort.sources import JSONL, format_of

    if wanted.engine != "polars":
        return _with_spark(route, given, wanted)
    kind = JSONL if wanted.full and wanted.output == STDIN else format_of(wanted.output, wanted.to)
    if wanted.full and kind != JSONL:
        raise CaseError([Problem(None, None, words.say("cohort.full"))])
    wanted.refuse_twice(given.path)
    _check_fhir_out(wanted, given.path)
    for path in (wanted.output, wanted.fhir_out):
        _check_outside(path, given.path)
    cohort = told.open_cohort(route, given)
    try:
        with told.progress(cohort):
            assess_file(cohort, wanted.output, kind, wanted.no_formulas, wanted.strict, wanted.full)
    except Refused:
        say(*told.summary_lines(cohort.summary, given))
        raise
    say(*told.summary_lines(cohort.summary, given))
    if wanted.reports:
        _write_reports(route, given, wanted.reports, wanted.reports_as)
    if wanted.fhir_out:
        _write_fhir_out(route, given, wanted.fhir_out)
    return SOME_WRONG if cohort.summary.wrong else ANSWERED


def _with_spark(route: Route, given: told.Given, wanted: Wanted) -> int:
    """Answer a cohort with Spark, and return the exit code.

    Raises:
        CaseError: there is no such engine, or it does not do what is asked for.
    """
    from riskcli.cli.spark import assess_with_spark
    from riskcli.cohort.sources import format_of

    if wanted.engine != "spark":
        raise CaseError([Problem(None, None, words.say("cohort.engine", given=wanted.engine))])
    if (
        wanted.full
        or wanted.reports
        or wanted.fhir_out
        or given.fhir
        or wanted.strict
        or wanted.no_formulas
        or given.registries
        or STDIN in (given.path, wanted.output)
    ):
        message = words.say("cohort.spark_alone")
        raise CaseError([Problem(None, None, message)])
    files = {
        "in": given.path,
        "from": format_of(given.path, given.format),
        "out": wanted.output,
        "to": format_of(wanted.output, wanted.to),
    }
    return assess_with_spark(*told.read_given(route, given), files, told.delimiter_of(given.delimiter))


def _check_pages(wanted: Wanted) -> None:
    """Refuse pages that cannot be made, before the cohort is read.

    Raises:
        CaseError: nowhere to put them is given, their form is not known, or the library for it is missing.
    """
    from riskcli.cohort.whole import FORMS, HTML

    form = wanted.reports_as
    if form is None:
        return
    if form not in FORMS:
        message = words.say("cohort.form", given=quoted(form), forms=words.any_of(FORMS))
        raise CaseError([Problem(None, None, message)])
    if not wanted.reports:
        message = words.say("cohort.form_alone")
        raise CaseError([Problem(None, None, message)])
    if form == HTML:
        from riskcli.cli.report import need_pages

        need_pages()


def _write_reports(route: Route, given: told.Given, directory: str, form: str | None) -> None:
    """Write a page for every row of the cohort."""
    from riskcli.cohort.whole import TEXT, write_pages

    pages = write_pages(told.open_cohort(route, given), directory, form or TEXT)
    say(words.say("cohort.pages", pages=words.counted(pages, "page"), path=directory))


def _check_fhir_out(wanted: Wanted, read: str) -> None:
    """Refuse to write resources over the cohort or its answers.

    Raises:
        CaseError: they would go there.
    """
    if not wanted.fhir_out:
        return
    from riskcli.cli.fhir_out import check_fhir_out
    from riskcli.cohort.run import same_file

    check_fhir_out(wanted.fhir_out)
    if wanted.fhir_out == wanted.output or same_file(wanted.fhir_out, wanted.output):
        raise CaseError([Problem(None, None, words.say("fhir_out.over_answers"))])
    if same_file(wanted.fhir_out, read):
        raise CaseError([Problem(None, None, words.say("fhir_out.over_cohort"))])


def _check_outside(path: str | None, read: str) -> None:
    """Refuse to write into a directory that is read: what is there would be taken for a part of it.

    Raises:
        CaseError: the file lies there.
    """
    from riskcli.cohort.run import same_file

    if path and path != STDIN and same_file(str(Path(path).parent), read):
        raise CaseError([Problem(None, None, words.say("cohort_out.inside", path=path))])


def _write_fhir_out(route: Route, given: told.Given, path: str) -> None:
    """Write a FHIR resource for every row that has an answer."""
    from riskcli.cohort.fhir_out import write_risk_assessments

    made = write_risk_assessments(told.open_cohort(route, given), path)
    say(words.say("fhir_out.lines_written", rows=words.counted(made, "row"), path=path))
