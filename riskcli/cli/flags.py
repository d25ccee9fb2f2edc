"""The flags of `riskcli assess`: the common ones, and those of a cancer, made from its table."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from riskcli.case import case_reader
from riskcli.cli.routing import Route
from riskcli.compiled import Compiled
from riskcli.report.terminal import clean

Command = Callable[..., Any]
_PANELS = {"factor": "Documented factors", "marker": "Markers", "context": "Treatment context"}
_PREMISES = "The premises, and what is not used here"
IO = "Input and output"
_ONE_LINE = 60
"""The longest help of a flag while a shell completes it: Typer would break a longer one."""

_InputOption = Annotated[
    str | None,
    typer.Option(
        "--input", "-i", metavar="FILE", help="A JSON record; - reads standard input.", rich_help_panel=IO
    ),
]
_FhirOption = Annotated[
    str | None,
    typer.Option(
        "--fhir",
        metavar="FILE",
        help="A FHIR bundle of one person; - reads standard input.",
        rich_help_panel=IO,
    ),
]
_SourcesOption = Annotated[
    bool,
    typer.Option("--show-sources", help="Print where each value that was read stood.", rich_help_panel=IO),
]
_JsonOption = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.", rich_help_panel=IO)]
_FullOption = Annotated[
    bool, typer.Option("--full", help="Print everything: changes, limits, sources.", rich_help_panel=IO)
]
_WhyOption = Annotated[
    bool,
    typer.Option("--why", help="Print how it was decided, condition by condition.", rich_help_panel=IO),
]
_ForOption = Annotated[
    str | None,
    typer.Option(
        "--for",
        metavar="WHOM",
        help="clinician (the default), or patient: a page in plain words.",
        rich_help_panel=IO,
    ),
]
_PanelOption = Annotated[
    bool,
    typer.Option(
        "--panel", help="Print the groups of published systems beside the level.", rich_help_panel=IO
    ),
]
_OutputOption = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Write the answer to a file, in UTF-8.", rich_help_panel=IO
    ),
]
_SaveOption = Annotated[
    str | None,
    typer.Option(
        "--save",
        metavar="FILE",
        help="Keep the answer with its inputs, to verify later.",
        rich_help_panel=IO,
    ),
]
_ReportOption = Annotated[
    str | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help="Write a page for a tumour board as well: .html, .md or .json.",
        rich_help_panel=IO,
    ),
]
_FhirOutOption = Annotated[
    str | None,
    typer.Option(
        "--fhir-out",
        metavar="FILE",
        help="Write the answer as a FHIR R4 RiskAssessment as well.",
        rich_help_panel=IO,
    ),
]
_MarkerOption = Annotated[
    list[str] | None,
    typer.Option(
        "--marker",
        "-m",
        metavar="NAME=VALUE",
        help="Any field by name; may be repeated.",
        rich_help_panel=IO,
    ),
]
_ColourOption = Annotated[bool, typer.Option("--no-color", help="Print without colour.", rich_help_panel=IO)]
_UncheckedOption = Annotated[
    bool,
    typer.Option(
        "--unchecked", help="Use a local table in spite of faults; every answer says so.", rich_help_panel=IO
    ),
]
_RulesOption = Annotated[
    str | None,
    typer.Option(
        "--rules", metavar="DIR", help="Add or replace rule tables (a hospital's own).", rich_help_panel=IO
    ),
]


Parameter = tuple[str, str, Any, Any]
"""A parameter of a command: its name, its flag, annotation and default."""

COMMON: tuple[Parameter, ...] = (
    ("input_", "--input", _InputOption, None),
    ("fhir", "--fhir", _FhirOption, None),
    ("marker", "--marker", _MarkerOption, None),
    ("json_", "--json", _JsonOption, False),
    ("output", "--output", _OutputOption, None),
    ("no_color", "--no-color", _ColourOption, False),
    ("rules", "--rules", _RulesOption, None),
    ("unchecked", "--unchecked", _UncheckedOption, False),
)
"""The flags of every command on one case."""
ANSWER: tuple[Parameter, ...] = (
    ("full", "--full", _FullOption, False),
    ("panel", "--panel", _PanelOption, False),
    ("why", "--why", _WhyOption, False),
    ("show_sources", "--show-sources", _SourcesOption, False),
    ("for_", "--for", _ForOption, None),
    ("save", "--save", _SaveOption, None),
    ("report", "--report", _ReportOption, None),
    ("fhir_out", "--fhir-out", _FhirOutOption, None),
)
"""The flags of what is shown of an answer."""


def parameters(table: Compiled, route: Route, given: Iterable[Parameter]) -> list[inspect.Parameter]:
    """Return the flags of a cancer: documented factors, markers, treatment context, then those given."""
    fields = _field_parameters(table, route.completes) if route.describes else []
    return fields + declared(route, given)


def declared(route: Route, given: Iterable[Parameter]) -> list[inspect.Parameter]:
    """Return the parameters that the parser has to know."""
    return [
        _parameter(name, annotation, default)
        for name, flag, annotation, default in given
        if default is False or route.declares(flag)
    ]


def with_parameters(command: Command, found: list[inspect.Parameter]) -> Command:
    """Give a command the parameters that it is to be called with."""
    command.__signature__ = inspect.Signature(found)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in found}
    return command


def _field_parameters(table: Compiled, brief: bool) -> list[inspect.Parameter]:
    """Return the flags of a table's fields, and of the premises."""
    fields: dict[str, Any] = table.table["fields"]
    ordered = sorted(fields, key=lambda name: list(_PANELS).index(fields[name]["panel"]))
    found = [
        _field_parameter(table, name, fields[name]["text"], _PANELS[fields[name]["panel"]], brief)
        for name in ordered
    ]
    return found + [
        _field_parameter(table, name, word["text"], _PREMISES, brief)
        for name, word in table.vocabulary["here"].items()
        if name not in fields
    ]


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    """Return one parameter of a command."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _field_parameter(table: Compiled, name: str, text: str, panel: str, brief: bool) -> inspect.Parameter:
    """Return the flag of one field, with its values and unit in the help; `brief` for one line."""
    reader = case_reader(table).readers.get(name)
    allowed = reader.allowed() if reader else ()
    first = text.split(". ")[0].rstrip(".")
    unit = f", in {reader.unit}" if reader and reader.unit and f"in {reader.unit}" not in first else ""
    help_text = f"{first}{unit}."
    if brief and len(help_text) > _ONE_LINE:
        help_text = f"{help_text[: _ONE_LINE - 3]}..."
    option = typer.Option(
        f"--{name.replace('_', '-')}",
        metavar="|".join(allowed) or "TEXT",
        help=escaped(help_text),
        rich_help_panel=panel,
        show_default=False,
        autocompletion=lambda: list(allowed),
    )
    return _parameter(name, Annotated[str | None, option], None)


def escaped(text: str) -> str:
    """Keep help from reading a rule file's square brackets as markup, or its control characters."""
    return "\n".join(map(clean, text.split("\n"))).replace("[", "\\[")
