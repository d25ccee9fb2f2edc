"""How the commands over cohorts are told what to read, and what they say of it."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from riskcli.cli.flags import with_parameters
from riskcli.cli.output import is_terminal
from riskcli.cli.routing import Job, Route, refuse_faulty
from riskcli.cohort.formats import need_more
from riskcli.cohort.interrupts import hear_in_python
from riskcli.compiled import LEVELS
from riskcli.errors import CaseError, Problem, quoted, refused
from riskcli.report.wording import table_heading
from riskcli.words import all_of, counted, say, say_many, section

if TYPE_CHECKING:
    from riskcli.cohort.answers import Besides
    from riskcli.cohort.columns import Naming
    from riskcli.cohort.reading import Cohort, Summary
    from riskcli.cohort.rows import Rowwise
    from riskcli.cohort.sources import Source

_MOST_SENTENCES = 8
InputArgument = Annotated[str, typer.Argument(metavar="IN", help="The cohort; - reads standard input.")]


def _read(flag: str, metavar: str | None, help_text: str) -> Any:
    """Return a flag that says how the file is read."""
    return typer.Option(flag, metavar=metavar, help=help_text, rich_help_panel="How the file is read")


_FORMATS = "csv|tsv|jsonl|parquet|xlsx"
_ONE, _SEVERAL = str | None, list[str] | None
_READING: dict[str, tuple[Any, Any]] = {
    "fhir": (
        bool,
        _read("--fhir", None, "IN is FHIR R4: a directory of bundles, a bulk export, or bundles in lines."),
    ),
    "cancer": (_ONE, _read("--cancer", "NAME", "The cancer of rows that name none.")),
    "assume": (
        _SEVERAL,
        _read("--assume", "FIELD=VALUE", "A value for rows that state none; said in every such row."),
    ),
    "map_": (_SEVERAL, _read("--map", "COLUMN=FIELD", "A column that is a field under another name.")),
    "mapping": (_ONE, _read("--mapping", "FILE", "Columns and values of a registry, in YAML.")),
    "pass_through": (_SEVERAL, _read("--pass-through", "COLUMN", "A column that is not to be read.")),
    "format_": (_ONE, _read("--format", _FORMATS, "What the file is, where its name does not say.")),
    "delimiter": (_ONE, _read("--delimiter", "CHARACTER", "What stands between fields.")),
    "sheet": (_ONE, _read("--sheet", "NAME", "The sheet of a workbook; its first.")),
    "naaccr": (
        bool,
        _read("--naaccr", None, "A registry's file: NAACCR XML, or columns that are NAACCR items."),
    ),
    "cosd": (bool, _read("--cosd", None, "Columns of the English cancer data set (COSD).")),
    "show_sources": (
        bool,
        _read("--show-sources", None, "A column that says where each value of such a file stood."),
    ),
    "rules": (_ONE, typer.Option("--rules", metavar="DIR", help="Add or replace rule tables.")),
    "unchecked": (
        bool,
        typer.Option("--unchecked", help="Use local tables in spite of faults; it is said."),
    ),
}
"""The flags that say how a cohort is read: type and flag, by the name of the parameter."""


def reading_flags(command: Callable[..., Job]) -> Callable[..., Job]:
    """Give a command the flags that say how a cohort is read, in place of its `**reading`."""
    own = inspect.signature(command, eval_str=True).parameters.values()
    kept = [parameter for parameter in own if parameter.kind is not inspect.Parameter.VAR_KEYWORD]
    added = [
        inspect.Parameter(
            name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=False if kind is bool else None,
            annotation=Annotated[kind, flag],
        )
        for name, (kind, flag) in _READING.items()
    ]
    return with_parameters(command, [*kept, *added])


@dataclass(frozen=True)
class Given:
    """How a cohort is to be read."""

    path: str
    cancer: str | None = None
    assume: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    mapping: str | None = None
    untouched: tuple[str, ...] = ()
    format: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    prefix: str | None = None
    """What the columns of the answer begin with; None where there are none."""
    registries: tuple[str, ...] = ()
    """The registries whose items the file is said to hold; one at most makes sense."""
    fhir: bool = False
    show_sources: bool = False

    @classmethod
    def of(cls, path: str, reading: Mapping[str, Any], prefix: str | None = None) -> Given:
        """Return what the flags of `reading_flags` say."""
        return cls(
            path,
            reading["cancer"],
            tuple(reading["assume"] or ()),
            tuple(reading["map_"] or ()),
            reading["mapping"],
            tuple(reading["pass_through"] or ()),
            reading["format_"],
            reading["delimiter"],
            reading["sheet"],
            prefix,
            tuple(name for name in ("naaccr", "cosd") if reading[name]),
            reading["fhir"],
            reading["show_sources"],
        )


def need_cohort() -> None:
    """Load what cohorts need.

    Raises:
        CaseError: it is not installed, with the command that installs it.
    """
    need(need_more(), "polars")
    hear_in_python()


def need(message: str, *libraries: str) -> None:
    """Load libraries of an extra.

    Raises:
        CaseError: with the message, when one is not installed.
    """
    try:
        for library in libraries:
            import_module(library)
    except ImportError:
        raise refused(message) from None


def open_cohort(route: Route, given: Given, besides: Besides | None = None) -> Cohort:
    """Return the cohort that a command line asks for; `besides` gives what else is kept of each answer.

    Raises:
        CaseError: the file, a column, or what is said of them is wrong.
    """
    from riskcli.cohort.reading import Cohort

    rowwise, naming = read_given(route, given)
    source = _source(route, given, naming)
    return Cohort(source, rowwise, naming, besides) if besides else Cohort(source, rowwise, naming)


def _source(route: Route, given: Given, naming: Naming) -> Source:
    """Return what is read: a table, the records of a registry, or patients of FHIR.

    Raises:
        CaseError: the file cannot be read, or what is said of it does not fit together.
    """
    if len(given.registries) + given.fhir > 1:
        raise refused(say("registry.flags.ways"))
    if given.fhir:
        return _fhir(route, given)
    from riskcli.cohort.sources import format_of, open_source

    delimiter = delimiter_of(given.delimiter)
    if not given.registries:
        if given.show_sources:
            raise refused(say("registry.flags.sources"))
        return open_source(given.path, format_of(given.path, given.format), delimiter, given.sheet)
    from riskcli.cohort.registry import RegistryFile, open_registry

    file = RegistryFile(
        given.path, given.registries[0], given.format, delimiter, given.sheet, given.show_sources
    )
    return open_registry(file, route.rules, naming, given.cancer)


def _fhir(route: Route, given: Given) -> Source:
    """Return the patients of FHIR.

    Raises:
        CaseError: there are none, or a flag for tables is given.
    """
    from riskcli.cohort.fhir import open_fhir

    flags: dict[str, object] = {
        "--format": given.format,
        "--delimiter": given.delimiter,
        "--sheet": given.sheet,
        "--map": given.renamed,
        "--mapping": given.mapping,
        "--pass-through": given.untouched,
    }
    others = [flag for flag, value in flags.items() if value]
    if others:
        raise refused(say("cohort_in.for_tables", flags=all_of(others)))
    return open_fhir(given.path, route.rules, given.cancer, given.show_sources)


def read_given(route: Route, given: Given) -> tuple[Rowwise, Naming]:
    """Return what answers the rows of a cohort, and what is said of its columns.

    Raises:
        CaseError: what is assumed or said of the columns is wrong.
        RuleFileError: a local table has faults, and is not to be used in spite of them.
    """
    from riskcli.cohort.rows import Rowwise

    refuse_faulty(route.rules, route.rules.names)
    rowwise = Rowwise(route.rules, given.cancer, _pairs("--assume", given.assume), date.today())
    return rowwise, _naming(given)


def delimiter_of(said: str | None) -> str | None:
    """Return the delimiter that is meant: a tab may be written in words."""
    return "\t" if said in ("\\t", "tab", "TAB") else said


def _pairs(flag: str, given: tuple[str, ...]) -> dict[str, str]:
    """Return what a flag that may be repeated says, NAME=VALUE each."""
    found: dict[str, str] = {}
    problems = []
    for text in given:
        name, equals, value = text.rpartition("=") if flag == "--map" else text.partition("=")
        if not (equals and name.strip() and value.strip()):
            problems.append(Problem(None, None, say("command.pair_not", flag=flag, given=quoted(text))))
        elif name in found:
            problems.append(Problem(None, None, say("command.pair_twice", flag=flag, name=name)))
        found[name.strip()] = value.strip()
    if problems:
        raise CaseError(problems)
    return found


def _naming(given: Given) -> Naming:
    """Return what is said of the columns, on the command line and in a mapping file."""
    from riskcli.cohort.columns import Naming

    renamed: dict[str, str] = {}
    values: Mapping[str, Mapping[str, Any]] = {}
    if given.mapping:
        from riskcli.cohort.mapping import read_mapping

        renamed, values = read_mapping(given.mapping)
    renamed |= _pairs("--map", given.renamed)
    adds = given.prefix is not None
    return Naming(renamed, values, frozenset(given.untouched), given.prefix or "", adds)


@contextlib.contextmanager
def progress(cohort: Cohort) -> Iterator[None]:
    """Show how far a cohort has come, on a terminal only."""
    source = cohort.source
    if not is_terminal(sys.stderr) or not source.size:
        yield
        return
    with typer.progressbar(length=source.size, file=sys.stderr, label=say("cohort.reading")) as bar:
        watched = source.batches

        def batches() -> Iterator[Any]:
            for batch in watched():
                bar.update(source.done() - bar.pos)
                yield batch
            bar.update(source.size - bar.pos)  # type: ignore[operator]

        source.batches = batches
        yield


def summary_lines(summary: Summary, given: Given, least: int = 1, whole: bool = True) -> list[str]:
    """Word what a run met; no value of any row is repeated.

    With more than one as the `least` number to be printed nothing is said of how many rows have which
    answer: what else is printed of them may keep some back. Without `whole` all rows are not counted.
    """
    columns = summary.columns
    read = [
        name if header == name else say("cohort.read_as", column=header, field=name)
        for header, name in columns.fields.items()
    ]
    tables = [table_heading(table) for _, table in sorted(summary.tables.items())]
    lines = [say("cohort.table", table=table) for table in tables]
    rows = counted(summary.rows, "row") if whole else say("cohort.rows_kept")
    lines.append(say("cohort.read", rows=rows, fields=", ".join(read)))
    if columns.passed_through:
        lines.append(say("cohort.passed_through", columns=", ".join(columns.passed_through)))
    if summary.never_filled:
        lines.append(say("cohort.never_filled", columns=", ".join(summary.never_filled)))
    if given.assume:
        lines.append(say("cohort.assumed", assumed=", ".join(given.assume)))
    answers = [_answers(summary)] if least == 1 else []
    return [*lines, *summary.notes, *answers, *_sentences(summary, least)]


def _answers(summary: Summary) -> str:
    """Word how many rows have which answer."""
    from riskcli.cohort.reading import ERROR, OUT_OF_SCOPE, RANGE

    word = section("cohort.kinds")
    counts = [
        say("cohort.answer", kind=word[kind], number=f"{summary.kinds[kind]:,}")
        for kind in (*LEVELS, RANGE, OUT_OF_SCOPE, ERROR)
        if summary.kinds[kind]
    ]
    return say("cohort.answers", answers=", ".join(counts)) if counts else say("cohort.no_answers")


def _sentences(summary: Summary, least: int) -> list[str]:
    """Word what is wrong with rows, the commonest first, and where it was first met."""
    common = sorted(summary.sentences.items(), key=lambda item: (-item[1][0], item[1][1]))
    lines = [
        say(
            "cohort.sentence",
            rows=counted(count, "row") if count >= least else say("cohort.few_rows", least=least),
            first=f"{first:,}",
            sentence=sentence,
        )
        for sentence, (count, first) in common[:_MOST_SENTENCES]
    ]
    if len(common) > _MOST_SENTENCES:
        lines.append(say_many("cohort.other_reasons", len(common) - _MOST_SENTENCES))
    return lines
