"""`riskcli assess`: flags made from a table, a record, or questions; one answer out."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

import typer

from riskcli.assessment import Assessment
from riskcli.case import CANCER, case_reader, read_case
from riskcli.cli.output import coloured, json_text, say, terminal_width, write, write_whole
from riskcli.cli.routing import Route
from riskcli.compiled import Compiled
from riskcli.errors import CaseError, Problem
from riskcli.evaluate import assess_facts
from riskcli.values import phrase

_PANELS = {"factor": "Documented factors", "marker": "Markers", "context": "Treatment context"}
_IO = "Input and output"
_EXTRA = {"allow_extra_args": True, "ignore_unknown_options": True}

EPILOG = (
    "A value may be known in part: 1..3, >=4 (or 4+), <0.1, T3/T4a; 'unknown' leaves it open. "
    "Quote > and < in a shell."
)


@dataclass
class Shown:
    """How an answer is to be shown."""

    as_json: bool = False
    full: bool = False
    output: str | None = None
    no_color: bool = False


InputOption = Annotated[
    str | None,
    typer.Option(
        "--input", "-i", metavar="FILE", help="A JSON record; - reads standard input.", rich_help_panel=_IO
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.", rich_help_panel=_IO)]
FullOption = Annotated[
    bool, typer.Option("--full", help="Print everything: changes, limits, sources.", rich_help_panel=_IO)
]
OutputOption = Annotated[
    str | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Write the answer to a file, in UTF-8.", rich_help_panel=_IO
    ),
]
MarkerOption = Annotated[
    list[str] | None,
    typer.Option(
        "--marker",
        "-m",
        metavar="NAME=VALUE",
        help="Any field by name; may be repeated.",
        rich_help_panel=_IO,
    ),
]
ColourOption = Annotated[bool, typer.Option("--no-color", help="Print without colour.", rich_help_panel=_IO)]
RulesOption = Annotated[
    str | None,
    typer.Option(
        "--rules", metavar="DIR", help="Add or replace rule tables (a hospital's own).", rich_help_panel=_IO
    ),
]


def assess_app(route: Route) -> typer.Typer:
    """Return the command, with the flags of the one cancer that is asked for."""
    app = typer.Typer(
        name="assess",
        help="Estimate how likely micrometastases are, and why. Without a cancer, on a terminal: asks.",
        epilog=EPILOG,
        invoke_without_command=True,
        context_settings=_EXTRA,
    )

    @app.callback()
    def assess(
        ctx: typer.Context,
        input_: InputOption = None,
        json_: JsonOption = False,
        full: FullOption = False,
        output: OutputOption = None,
        no_color: ColourOption = False,
        rules: RulesOption = None,
    ) -> None:
        if ctx.invoked_subcommand is None:
            ask(route, Shown(json_, full, output, no_color))

    for name in route.rules.names:
        if name == route.cancer:
            _add_cancer(app, route, route.rules.get(name))
        else:
            _add_stub(app, route, name)
    return app


def _add_stub(app: typer.Typer, route: Route, name: str) -> None:
    """List a cancer in the help without loading its table."""
    title = route.rules.index[name].title if route.cancer is None else name

    def stub() -> None:
        """Stand for a cancer that was not asked for."""

    app.command(name, help=title)(stub)


def _add_cancer(app: typer.Typer, route: Route, table: Compiled) -> None:
    """Add the command of one cancer, its flags made from the table."""

    def assess_cancer(ctx: typer.Context, **values: Any) -> None:
        shown = Shown(values.pop("json_"), values.pop("full"), values.pop("output"), values.pop("no_color"))
        for name in ("input_", "rules"):
            values.pop(name)
        markers = values.pop("marker") or []
        flags = _Flags(table)
        for name, value in values.items():
            if value is not None:
                flags.add(name, value)
        flags.add_markers(markers)
        flags.add_rest(ctx.args)
        show(answer_record(table, {**flags.without(route.record), **flags.finish()}), table, shown)

    assess_cancer.__signature__ = inspect.Signature(_parameters(table))  # type: ignore[attr-defined]
    assess_cancer.__annotations__ = {p.name: p.annotation for p in _parameters(table)}
    app.command(
        table.name,
        help=f"{table.table['title']}.\n\n{table.table['scope']}",
        context_settings=_EXTRA,
        epilog=EPILOG,
    )(assess_cancer)


def _parameters(table: Compiled) -> list[inspect.Parameter]:
    """Return the flags of a table: documented factors, markers, treatment context, then the common ones."""
    fields: dict[str, Any] = table.table["fields"]
    ordered = sorted(fields, key=lambda name: list(_PANELS).index(fields[name]["panel"]))
    found = [_parameter("ctx", typer.Context, inspect.Parameter.empty)]
    for name in ordered:
        spec = fields[name]
        found.append(_field_parameter(table, name, spec["text"], _PANELS[spec["panel"]]))
    for name, word in table.vocabulary["here"].items():
        if name not in fields:
            found.append(
                _field_parameter(table, name, word["text"], "The premises, and what is not used here")
            )
    for name, annotation, default in (
        ("input_", InputOption, None),
        ("marker", MarkerOption, None),
        ("json_", JsonOption, False),
        ("full", FullOption, False),
        ("output", OutputOption, None),
        ("no_color", ColourOption, False),
        ("rules", RulesOption, None),
    ):
        found.append(_parameter(name, annotation, default))
    return found


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    """Return one parameter of a command."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _field_parameter(table: Compiled, name: str, text: str, panel: str) -> inspect.Parameter:
    """Return the flag of one field, with its values and unit in the help."""
    readers = case_reader(table).readers
    allowed = readers[name].allowed() if name in readers else ()
    unit = f", in {readers[name].unit}" if name in readers and readers[name].unit else ""
    first = text.split(". ")[0].rstrip(".")
    option = typer.Option(
        f"--{name.replace('_', '-')}",
        metavar="|".join(allowed) or "TEXT",
        help=_escaped(f"{first}{unit}."),
        rich_help_panel=panel,
        show_default=False,
        autocompletion=lambda: list(allowed),
    )
    return _parameter(name, Annotated[str | None, option], None)


def _escaped(text: str) -> str:
    """Keep help from reading square brackets of a rule file as markup."""
    return text.replace("[", "\\[")


@dataclass
class _Flags:
    """The values given as flags, each once, and what is wrong with how they were given."""

    table: Compiled
    values: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def _canonical(self, name: str) -> str:
        """Return the field a name stands for, or the name itself."""
        return str(case_reader(self.table).aliases.get(phrase(name), name))

    def add(self, name: str, value: str) -> None:
        """Add one value."""
        if self._canonical(name) in map(self._canonical, self.values):
            self.problems.append(Problem(name, value, "is given twice; keep one"))
        self.values[name] = value

    def add_markers(self, markers: Sequence[str]) -> None:
        """Add what `--marker` gives."""
        for marker in markers:
            name, equals, value = marker.partition("=")
            if not equals or not name.strip():
                self.problems.append(Problem(None, marker, f'--marker "{marker}" is not NAME=VALUE'))
            else:
                self.add(name.strip().replace("-", "_"), value)

    def add_rest(self, args: Sequence[str]) -> None:
        """Add flags that the table does not have: other spellings of its fields, or mistakes."""
        rest = list(args)
        while rest:
            arg = rest.pop(0)
            name, equals, value = arg.lstrip("-").partition("=")
            if not arg.startswith("--") or not name:
                self.problems.append(
                    Problem(None, arg, f'"{arg}" is not a flag; flags are written --name value')
                )
                continue
            if not equals:
                if not rest or rest[0].startswith("--"):
                    self.problems.append(Problem(None, arg, f"{arg} needs a value"))
                    continue
                value = rest.pop(0)
            self.add(name.replace("-", "_"), value)

    def without(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record's values that no flag overrides."""
        given = set(map(self._canonical, self.values))
        return {
            key: value
            for key, value in record.items()
            if not (
                isinstance(key, str) and (self._canonical(key) in given or self._canonical(key) == CANCER)
            )
        }

    def finish(self) -> dict[str, str]:
        """Return the values.

        Raises:
            CaseError: something was given wrongly; problems of the values are added to it.
        """
        if not self.problems:
            return self.values
        try:
            read_case(self.values, self.table)
        except CaseError as error:
            self.problems += error.problems
        raise CaseError(self.problems)


def answer_record(table: Compiled, record: Mapping[str, Any]) -> Assessment:
    """Return the answer to a record."""
    return assess_facts(read_case(record, table), date.today())


def show(answer: Assessment, table: Compiled, shown: Shown) -> None:
    """Print or write an answer."""
    if shown.as_json:
        data = answer.model_dump(mode="json")
        if shown.output:
            write_whole(shown.output, json_text(data))
        else:
            write(sys.stdout, json_text(data, sys.stdout))
    else:
        _show_report(answer, table, shown)
    if shown.output:
        say(f"Written to {shown.output}.")


def _show_report(answer: Assessment, table: Compiled, shown: Shown) -> None:
    """Print or write the report."""
    from riskcli.report.outline import outline
    from riskcli.report.terminal import plain_text, print_coloured

    words = {**table.common["labels"], "routes": table.common["routes"]}
    blocks = outline(answer, words, shown.full)
    if shown.output:
        write_whole(shown.output, plain_text(blocks, 80))
    elif coloured(sys.stdout, shown.no_color):
        print_coloured(blocks, terminal_width(), sys.stdout)
    else:
        write(sys.stdout, plain_text(blocks, terminal_width()))


def ask(route: Route, shown: Shown) -> None:
    """Ask on a terminal; elsewhere say what to give instead.

    Raises:
        CaseError: there is no terminal to ask on.
    """
    if not sys.stdin or not sys.stdin.isatty():
        message = (
            "no cancer is given and there is no terminal to ask on; "
            "write riskcli assess CANCER --FIELD VALUE, or --input FILE (- for standard input)"
        )
        raise CaseError([Problem(None, None, message)])
    from riskcli.interview import interview

    found = interview(route.rules, sys.stdin.readline, say_prompt)
    if found is None:
        raise typer.Exit(130)
    table, record, command = found
    show(answer_record(table, record), table, shown)
    say("", "The same answer again:", f"  {command}")


def say_prompt(text: str) -> None:
    """Write a prompt to standard error, without a new line."""
    write(sys.stderr, text)
