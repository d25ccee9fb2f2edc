"""`riskcli cohort validate`: the levels of a cohort held against what happened."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from riskcli import words
from riskcli.cli import cohort_input as cli
from riskcli.cli.apart import keep_apart
from riskcli.cli.output import ANSWERED, can_show, say, terminal_width, write_whole
from riskcli.cli.routing import Job, Route
from riskcli.errors import quoted, refused

if TYPE_CHECKING:
    from riskcli.cohort.outcomes import OutcomeColumns
    from riskcli.cohort.validation import Validation

_OUTCOME = "What happened"
_SHOWN = "What is shown"
_BLOCKS = "\u2581\u2588"
"""What a terminal must be able to show for curves to be drawn in blocks."""


def _flag(panel: str, name: str, metavar: str | None, text: str, **more: Any) -> Any:
    """Return a flag of the command."""
    return typer.Option(name, metavar=metavar, help=text, rich_help_panel=panel, **more)


_UNITS = "days|weeks|months|years"
TimeOption = Annotated[
    str, _flag(_OUTCOME, "--time", "COLUMN", "From surgery to the event or the last visit.")
]
EventOption = Annotated[str, _flag(_OUTCOME, "--event", "COLUMN", "Whether the event happened: 1/0, yes/no.")]
UnitOption = Annotated[str, _flag(_OUTCOME, "--time-unit", _UNITS, "What the times are in.")]
ValueOption = Annotated[
    list[str] | None,
    _flag(_OUTCOME, "--event-value", "VALUE", "What counts as an event in its column; may be repeated."),
]
CompetingOption = Annotated[
    str | None,
    _flag(
        _OUTCOME,
        "--competing",
        "COLUMN",
        "1 for an event that competes, such as death without recurrence.",
    ),
]
IdOption = Annotated[str | None, _flag(_OUTCOME, "--id", "COLUMN", "Who a row is of, to find people twice.")]
EndpointOption = Annotated[
    str | None, _flag(_OUTCOME, "--endpoint", "TEXT", "Which events count, such as any recurrence.")
]
TreatedOption = Annotated[str | None, _flag(_OUTCOME, "--treated", "TEXT", "How these people were treated.")]
WhereOption = Annotated[
    list[str] | None,
    _flag(
        _SHOWN,
        "--where",
        "COLUMN=VALUE",
        "Only such rows, COLUMN= those with nothing in it; may be repeated.",
    ),
]
CellOption = Annotated[
    int, _flag(_SHOWN, "--min-cell", "N", "The fewest patients of whom figures are printed.", min=1)
]
RuleOption = Annotated[
    bool, _flag(_SHOWN, "--by-rule", None, "Every row's cited figure beside the observed one.")
]
ReportOption = Annotated[
    str | None, _flag(_SHOWN, "--report", "FILE.html", "Write a page with curves as well.")
]


@dataclass(frozen=True)
class Asked:
    """What is to be compared and shown."""

    columns: OutcomeColumns
    endpoint: str | None = None
    treated: str | None = None
    least: int = 5
    by_rule: bool = False
    report: str | None = None
    as_json: bool = False


def add_validate(app: typer.Typer, route: Route) -> None:
    """Add the command."""

    @app.command()
    @cli.reading_flags
    def validate(
        path: cli.InputArgument,
        time: TimeOption,
        event: EventOption,
        time_unit: UnitOption,
        event_value: ValueOption = None,
        competing: CompetingOption = None,
        id_: IdOption = None,
        endpoint: EndpointOption = None,
        treated: TreatedOption = None,
        where: WhereOption = None,
        min_cell: CellOption = 5,
        by_rule: RuleOption = False,
        report: ReportOption = None,
        json_: Annotated[bool, typer.Option("--json", help="Print as JSON.", rich_help_panel=_SHOWN)] = False,
        **reading: Any,
    ) -> Job:
        """Hold the levels of a cohort against what happened: recurrence by level, ranking, other systems.

        Needs the libraries of the extra validate; without them it says how to install them.
        """
        given = cli.Given.of(path, reading)

        def job() -> int:
            if given.fhir:
                raise refused(words.say("fhir_cohort.no_outcomes"))
            cli.need_cohort()
            cli.need(words.say("cohort.need_validation"), "jinja2", "lifelines")
            from riskcli.cohort.outcomes import OutcomeColumns

            values, chosen = tuple(event_value or ()), _where(where or [])
            columns = OutcomeColumns(time, event, time_unit, values, competing, id_, chosen)
            asked = Asked(columns, endpoint, treated, min_cell, by_rule, report, json_)
            return validate_cohort(route, given, asked)

        return job


def _where(given: list[str]) -> tuple[tuple[str, str], ...]:
    """Return the columns and values that choose rows; no value chooses those in which the column is empty.

    Raises:
        CaseError: one is not COLUMN=VALUE.
    """
    found = []
    for text in given:
        name, equals, value = text.partition("=")
        if not (equals and name.strip()):
            raise refused(words.say("cohort.where_not", given=quoted(text)))
        found.append((name.strip(), value.strip()))
    return tuple(found)


def validate_cohort(route: Route, given: cli.Given, asked: Asked) -> int:
    """Hold a cohort against what happened, show it, and return the exit code.

    Raises:
        CaseError: the file, a column, an event or the unit is wrong, or no row is left to compare.
    """
    keep_apart(route, {"--report": asked.report}, given.path, given.mapping)
    _refuse_codes(route, given, asked.columns)
    from riskcli.cohort.followed import gather
    from riskcli.cohort.judging import validate

    given = _untouched(route, given, asked.columns)
    cohort = cli.open_cohort(route, given)
    with cli.progress(cohort):
        gathered = gather(cohort, asked.columns)
    found = validate(
        gathered, route.rules, asked.endpoint, asked.treated, given.assume, asked.least, asked.by_rule
    )
    say(*cli.summary_lines(cohort.summary, given, asked.least, found.read is not None))
    if not any(section.patients for section in found.sections):
        raise gathered.outcomes.no_times()
    _show(found, asked)
    return ANSWERED


def _refuse_codes(route: Route, given: cli.Given, columns: OutcomeColumns) -> None:
    """Refuse codes of a registry that would be read as yes and no, before the file is read.

    Raises:
        CaseError: with the column and what is to be said of it.
    """
    from riskcli.cohort.registry import ItemNames
    from riskcli.interop.crosswalk import read_crosswalk

    problems = []
    for registry in given.registries:
        crosswalk = read_crosswalk(registry, route.rules)
        names = ItemNames(crosswalk)
        event = None if columns.event_values else columns.event
        for key, column in (("event_codes", event), ("competing_codes", columns.competing)):
            if column and names.item(column):
                said = {"column": quoted(column), "standard": crosswalk.standard}
                problems.append(words.say(f"registry.flags.{key}", **said))
    if problems:
        raise refused(*problems)


def _untouched(route: Route, given: cli.Given, columns: OutcomeColumns) -> cli.Given:
    """Return how a cohort is read: what happened is never a finding, and near misses are let be.

    A column that chooses or names rows is still read where it is a field.
    """
    from riskcli.cohort.columns import FieldNames

    names = FieldNames(route.rules)
    mapped = {text.rpartition("=")[0].strip() for text in given.renamed}
    others = [name for name in columns.others if not names.field(name) and name not in mapped]
    return replace(given, untouched=tuple(dict.fromkeys([*given.untouched, *columns.outcomes, *others])))


def _show(found: Validation, asked: Asked) -> None:
    """Show a validation on standard output, write its page, and say on standard error what is wrong."""
    from riskcli.cli.page import show_blocks, show_data
    from riskcli.report.validation import validation_blocks
    from riskcli.report.validation_data import validation_data
    from riskcli.report.validation_words import left_out

    say(*left_out(found, with_rows=True))
    if asked.report:
        from riskcli.report.validation_page import validation_page

        write_whole(asked.report, validation_page(found))
        say(words.say("command.page_written", path=asked.report))
    if asked.as_json:
        show_data(validation_data(found))
    else:
        ascii_only = not can_show(_BLOCKS, sys.stdout)
        show_blocks(validation_blocks(found, terminal_width(), ascii_only))
