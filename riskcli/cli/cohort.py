"""`riskcli cohort`: many cases from a file to a file, and what a cohort says of the rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from riskcli import words
from riskcli.cli import cohort_input as told
from riskcli.cli.apart import keep_apart
from riskcli.cli.output import ANSWERED, SOME_WRONG, say
from riskcli.cli.routing import Job, Route
from riskcli.errors import quoted, refused
from riskcli.records import STDIN, writable

COHORT = "cohort"


OutArgument = Annotated[str | None, typer.Argument(metavar="OUT", help="The answers, as -o gives them.")]
OutputOption = Annotated[
    str | None, typer.Option("--output", "-o", metavar="OUT", help="The answers; - for standard output.")
]
ToOption = Annotated[
    str | None, typer.Option("--to", metavar="FORMAT", help="What to write, where OUT does not say.")
]
PrefixOption = Annotated[
    str, typer.Option("--prefix", metavar="TEXT", help="What the columns of the answer begin with.")
]
FullOption = Annotated[
    bool, typer.Option("--full", help="Write the whole answer of every row, as JSON Lines.")
]
ReportsOption = Annotated[
    str | None, typer.Option("--reports", metavar="DIR", help="Write one page a row as well.")
]
FormOption = Annotated[
    str | None,
    typer.Option("--reports-as", metavar="txt|md|html", help="What the pages are; text as it stands."),
]
FhirOption = Annotated[
    str | None,
    typer.Option("--fhir-out", metavar="FILE", help="Write FHIR R4 RiskAssessments as well, one a line."),
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Write nothing when a row is wrong.")]
FormulasOption = Annotated[
    bool,
    typer.Option("--no-formulas", help="Keep spreadsheets from running text of a CSV file; xlsx is safe."),
]
EngineOption = Annotated[
    str, typer.Option("--engine", metavar="polars|spark", help="Spark for more than one machine.")
]


def cohort_app(route: Route) -> typer.Typer:
    """Return the commands over cohorts."""
    app = typer.Typer(name=COHORT, help="Answer many cases, and hold the levels against what happened.")
    from riskcli.cli.gaps import add_gaps
    from riskcli.cli.validate import add_validate

    _add_assess(app, route)
    add_gaps(app, route)
    add_validate(app, route)
    return app


def _add_assess(app: typer.Typer, route: Route) -> None:
    """Add the command that answers every row."""

    @app.command()
    @told.reading_flags
    def assess(
        path: told.InputArgument,
        out: OutArgument = None,
        output: OutputOption = None,
        to: ToOption = None,
        prefix: PrefixOption = "",
        full: FullOption = False,
        reports: ReportsOption = None,
        reports_as: FormOption = None,
        fhir_out: FhirOption = None,
        strict: StrictOption = False,
        no_formulas: FormulasOption = False,
        engine: EngineOption = "polars",
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
            raise refused(words.say("cohort.read_twice", flag=again[0]))


def _one_output(*given: str | None) -> str:
    """Return where the answers go.

    Raises:
        CaseError: that is not said, or said twice.
    """
    said = [name for name in given if name is not None]
    if len(said) != 1:
        key = "registry.flags.two_outputs" if said else "registry.flags.no_output"
        raise refused(words.say(key))
    return said[0]


def assess_cohort(route: Route, given: told.Given, wanted: Wanted) -> int:
    """Answer a cohort, write it, say what was met, and return the exit code."""
    told.need_cohort()
    _check_pages(wanted)
    from riskcli.cohort.places import together
    from riskcli.cohort.run import Refused, assess_file
    from riskcli.cohort.sources import JSONL, format_of

    outputs = {"--output": wanted.output, "--fhir-out": wanted.fhir_out, "--reports": wanted.reports}
    keep_apart(route, outputs, given.path, given.mapping)
    if wanted.engine != "polars":
        return _with_spark(route, given, wanted)
    kind = JSONL if wanted.full and wanted.output == STDIN else format_of(wanted.output, wanted.to)
    if wanted.full and kind != JSONL:
        raise refused(words.say("cohort.full"))
    wanted.refuse_twice(given.path)
    _check_places(wanted)
    cohort = told.open_cohort(route, given)
    done = []
    try:
        with together():
            with told.progress(cohort):
                assess_file(cohort, wanted.output, kind, wanted.no_formulas, wanted.strict, wanted.full)
            if wanted.reports:
                done.append(_write_reports(route, given, wanted))
            if wanted.fhir_out:
                done.append(_write_fhir_out(route, given, wanted.fhir_out))
    except Refused:
        say(*told.summary_lines(cohort.summary, given))
        raise
    say(*told.summary_lines(cohort.summary, given), *done)
    return SOME_WRONG if cohort.summary.wrong else ANSWERED


def _with_spark(route: Route, given: told.Given, wanted: Wanted) -> int:
    """Answer a cohort with Spark, and return the exit code.

    Raises:
        CaseError: there is no such engine, or it does not do what is asked for.
    """
    from riskcli.cli.spark import assess_with_spark
    from riskcli.cohort.sources import format_of

    if wanted.engine != "spark":
        raise refused(words.say("cohort.engine", given=wanted.engine))
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
        raise refused(message)
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
        raise refused(message)
    if not wanted.reports:
        message = words.say("cohort.form_alone")
        raise refused(message)
    if form == HTML:
        from riskcli.cli.report import need_pages

        need_pages()


def _write_reports(route: Route, given: told.Given, wanted: Wanted) -> str:
    """Write a page for every row of the cohort, and return what is to be said of them."""
    from riskcli.cohort.whole import TEXT, write_pages

    others = [path for path in (given.path, given.mapping, wanted.output, wanted.fhir_out) if path]
    directory = wanted.reports or ""
    pages = write_pages(told.open_cohort(route, given), directory, wanted.reports_as or TEXT, others)
    return words.say("cohort.pages", pages=words.counted(pages, "page"), path=directory)


def _check_places(wanted: Wanted) -> None:
    """Refuse what cannot be written, before the cohort is read.

    Raises:
        CaseError: a file cannot be begun, or the resources would go where the answers go.
    """
    from riskcli.cohort.places import check_place

    check_place(wanted.output)
    if wanted.fhir_out:
        from riskcli.cli.fhir_out import check_fhir_out

        check_fhir_out(wanted.fhir_out)
        check_place(wanted.fhir_out)


def _write_fhir_out(route: Route, given: told.Given, path: str) -> str:
    """Write a FHIR resource for every row that has an answer, and return what is to be said of them."""
    from riskcli.cohort.fhir_out import write_risk_assessments

    made = write_risk_assessments(told.open_cohort(route, given), path)
    return words.say("fhir_out.lines_written", rows=words.counted(made, "row"), path=path)
