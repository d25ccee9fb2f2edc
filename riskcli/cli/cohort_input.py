"""How the commands over cohorts are told what to read, and what they say of it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from riskcli.cli.output import is_terminal
from riskcli.cli.routing import Route
from riskcli.errors import CaseError, Problem, counted, quoted

if TYPE_CHECKING:
    from riskcli.cohort.columns import Naming
    from riskcli.cohort.frames import Besides
    from riskcli.cohort.reading import Cohort, Summary
    from riskcli.cohort.rows import Rowwise

_MOST_SENTENCES = 8
_IN = "How the file is read"

InputArgument = Annotated[str, typer.Argument(metavar="IN", help="The cohort; - reads standard input.")]
CancerOption = Annotated[
    str | None,
    typer.Option("--cancer", metavar="NAME", help="The cancer of rows that name none.", rich_help_panel=_IN),
]
AssumeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--assume",
        metavar="FIELD=VALUE",
        help="A value for rows that state none; said in every such row.",
        rich_help_panel=_IN,
    ),
]
MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="COLUMN=FIELD",
        help="A column that is a field under another name.",
        rich_help_panel=_IN,
    ),
]
MappingOption = Annotated[
    str | None,
    typer.Option(
        "--mapping", metavar="FILE", help="Columns and values of a registry, in YAML.", rich_help_panel=_IN
    ),
]
PassOption = Annotated[
    list[str] | None,
    typer.Option(
        "--pass-through", metavar="COLUMN", help="A column that is not to be read.", rich_help_panel=_IN
    ),
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="csv|tsv|jsonl|parquet|xlsx",
        help="What the file is, where its name does not say.",
        rich_help_panel=_IN,
    ),
]
DelimiterOption = Annotated[
    str | None,
    typer.Option("--delimiter", metavar="CHARACTER", help="What stands between fields.", rich_help_panel=_IN),
]
SheetOption = Annotated[
    str | None,
    typer.Option("--sheet", metavar="NAME", help="The sheet of a workbook; its first.", rich_help_panel=_IN),
]
RulesOption = Annotated[
    str | None, typer.Option("--rules", metavar="DIR", help="Add or replace rule tables.")
]
UncheckedOption = Annotated[
    bool, typer.Option("--unchecked", help="Use local tables in spite of faults; every row says so.")
]


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
    prefix: str = ""


def need_cohort() -> None:
    """Say what is missing when the libraries for cohorts are not installed.

    Raises:
        CaseError: with the command that installs them.
    """
    try:
        import polars  # noqa: F401
    except ImportError:
        message = 'cohorts need more libraries; install them with pip install "riskcli[cohort]"'
        raise CaseError([Problem(None, None, message)]) from None


def open_cohort(route: Route, given: Given, besides: Besides | None = None) -> Cohort:
    """Return the cohort that a command line asks for; `besides` gives what else is kept of each answer.

    Raises:
        CaseError: the file, a column, or what is said of them is wrong.
    """
    from riskcli.cohort.reading import Cohort
    from riskcli.cohort.sources import format_of, open_source

    rowwise, naming = read_given(route, given)
    source = open_source(
        given.path, format_of(given.path, given.format), delimiter_of(given.delimiter), given.sheet
    )
    return Cohort(source, rowwise, naming, besides) if besides else Cohort(source, rowwise, naming)


def read_given(route: Route, given: Given) -> tuple[Rowwise, Naming]:
    """Return what answers the rows of a cohort, and what is said of its columns.

    Raises:
        CaseError: what is assumed or said of the columns is wrong.
    """
    from riskcli.cohort.rows import Rowwise

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
            problems.append(Problem(None, None, f"{flag} {quoted(text)} is not NAME=VALUE"))
        elif name in found:
            problems.append(Problem(None, None, f"{flag} gives {name} twice; keep one"))
        found[name.strip()] = value.strip()
    if problems:
        raise CaseError(problems)
    return found


def _naming(given: Given) -> Naming:
    """Return what is said of the columns, on the command line and in a mapping file."""
    from riskcli.cohort.columns import Naming
    from riskcli.cohort.mapping import read_mapping

    renamed, values = read_mapping(given.mapping) if given.mapping else ({}, {})
    renamed = {**renamed, **_pairs("--map", given.renamed)}
    return Naming(renamed, values, frozenset(given.untouched), given.prefix)


@contextlib.contextmanager
def progress(cohort: Cohort) -> Iterator[None]:
    """Show how far a cohort has come, on a terminal only."""
    source = cohort.source
    if not is_terminal(sys.stderr) or not source.size:
        yield
        return
    with typer.progressbar(length=source.size, file=sys.stderr, label="Reading") as bar:
        watched = source.batches

        def batches() -> Iterator[Any]:
            for batch in watched():
                bar.update(source.done() - bar.pos)
                yield batch
            bar.update(source.size - bar.pos)  # type: ignore[operator]

        source.batches = batches
        yield


def summary_lines(summary: Summary, given: Given) -> list[str]:
    """Word what a run met; no value of any row is repeated."""
    columns = summary.columns
    read = [
        f"{name}" if header == name else f"{header} (as {name})" for header, name in columns.fields.items()
    ]
    lines = [f"Read {counted(summary.rows, 'row')}. Fields: {', '.join(read)}."]
    if columns.passed_through:
        lines.append(f"Passed through: {', '.join(columns.passed_through)}.")
    if summary.never_filled:
        lines.append(f"Never filled: {', '.join(summary.never_filled)}.")
    if given.assume:
        lines.append(f"Assumed where a row states nothing: {', '.join(given.assume)}.")
    kinds = ("low", "intermediate", "high", "very_high", "range", "out of scope", "error")
    counts = [
        f"{_WORDS.get(kind, kind.replace('_', ' '))} {summary.kinds[kind]:,}"
        for kind in kinds
        if summary.kinds[kind]
    ]
    lines.append(f"Answers: {', '.join(counts) or 'none'}.")
    common = sorted(summary.sentences.items(), key=lambda item: (-item[1][0], item[1][1]))
    for sentence, (count, first) in common[:_MOST_SENTENCES]:
        lines.append(f"  {counted(count, 'row')}, first row {first:,}: {sentence}")
    if len(common) > _MOST_SENTENCES:
        lines.append(f"  and {counted(len(common) - _MOST_SENTENCES, 'other reason')}")
    return lines


_WORDS = {"range": "several levels possible", "error": "wrong"}
