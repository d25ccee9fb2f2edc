"""`riskcli assess`: flags made from a table, a record, or questions; one answer out."""

from __future__ import annotations

import inspect
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from typing import TYPE_CHECKING, Annotated, Any

import typer

from riskcli import words
from riskcli.case import CANCER, case_reader, read_case
from riskcli.cli.answer import show
from riskcli.cli.apart import keep_apart
from riskcli.cli.flags import (
    ANSWER,
    COMMON,
    IO,
    Parameter,
    declared,
    escaped,
    parameters,
    with_parameters,
)
from riskcli.cli.output import (
    ANSWERED,
    INTERRUPTED,
    is_terminal,
    say,
    terminal_width,
    write,
)
from riskcli.cli.routing import ASSESS, HELP_FLAG, WHAT_IF, Job, Route
from riskcli.cli.shown import Shown
from riskcli.compiled import Compiled
from riskcli.errors import CaseError, OutOfScope, Problem
from riskcli.report.terminal import clean
from riskcli.values import phrase

if TYPE_CHECKING:
    pass

_EXTRA = {"allow_extra_args": True, "ignore_unknown_options": True}

EPILOG = (
    "A value may be known in part: 1..3, >=4 (or 4+), <0.1, T3/T4a; 'unknown' leaves it open. "
    "Quote > and < in a shell."
)


@dataclass(frozen=True)
class CaseCommand:
    """A command whose flags state the findings of a case."""

    name: str
    help: str
    without_cancer: Callable[[Mapping[str, Any]], int]
    answer: Callable[[Compiled, Mapping[str, Any], Mapping[str, Any]], int]
    """What is done with a table, a record and the values of the command's own flags."""
    flags: tuple[Parameter, ...]


def assess_app(route: Route) -> typer.Typer:
    """Return the command that gives an answer."""
    return case_app(
        route,
        CaseCommand(
            ASSESS,
            "Estimate how likely micrometastases are, and why. Without a cancer, on a terminal: asks.",
            lambda values: ask(route, _shown(route, values)),
            lambda table, record, values: show(route, table, record, _shown(route, values)),
            (*COMMON, *ANSWER),
        ),
    )


def _shown(route: Route, values: Mapping[str, Any]) -> Shown:
    """Return how an answer is to be shown.

    Raises:
        CaseError: the flags do not go together, or an output would be lost or spoil what is read.
    """
    shown = Shown.of(values)
    keep_apart(route, shown.outputs)
    return shown


def what_if_app(route: Route) -> typer.Typer:
    """Return the command that gives the levels over other findings."""
    from riskcli.cli.what_if import VARY, show_what_if

    def refused(_: Mapping[str, Any]) -> int:
        raise CaseError([Problem(None, None, words.say("command.no_cancer_what_if"))])

    def answer(table: Compiled, record: Mapping[str, Any], values: Mapping[str, Any]) -> int:
        keep_apart(route, {"--output": values.get("output")})
        if route.reading:
            say(*route.reading.used_in(record).notes)
        return show_what_if(table, record, values)

    says = "Show the level for other values of one or two findings, everything else as it is."
    return case_app(route, CaseCommand(WHAT_IF, says, refused, answer, (VARY, *COMMON)))


def case_app(route: Route, command: CaseCommand) -> typer.Typer:
    """Return a command on one case; the flags of a cancer are declared when they are to be described."""
    app = typer.Typer(
        name=command.name,
        help=command.help,
        epilog=EPILOG,
        invoke_without_command=True,
        add_help_option=route.declares(HELP_FLAG),
        context_settings=_EXTRA if route.describes else None,
    )

    cancer = typer.Option(
        "--cancer",
        metavar="NAME",
        help="The cancer, where it is not the next word.",
        rich_help_panel=IO,
        autocompletion=route.cancers,
    )

    def begin(ctx: typer.Context, **values: Any) -> Job | None:
        return (lambda: command.without_cancer(values)) if ctx.invoked_subcommand is None else None

    own = ("cancer", "--cancer", Annotated[str | None, cancer], None)
    context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    app.callback()(with_parameters(begin, [context, *declared(route, (own, *command.flags))]))

    for name in route.rules.names:
        if name == route.cancer:
            _add_cancer(app, route, route.rules.get(name), command)
        elif route.cancer is None:
            _add_stub(app, route, name)
    return app


def _add_stub(app: typer.Typer, route: Route, name: str) -> None:
    """List a cancer in the help without loading its table."""

    def stub() -> None:
        """Stand for a cancer that was not asked for."""

    app.command(name, help=escaped(route.rules.index[name].listed))(stub)


def _add_cancer(app: typer.Typer, route: Route, table: Compiled, command: CaseCommand) -> None:
    """Add the command of one cancer."""

    def about_cancer(**values: Any) -> Job:
        return lambda: _answer(route, command, table, values)

    app.command(
        table.name,
        help=escaped(f"{table.table['title']}.\n\n{table.table['scope']}"),
        add_help_option=route.declares(HELP_FLAG),
        context_settings=_EXTRA if route.describes else None,
        epilog=EPILOG,
    )(with_parameters(about_cancer, parameters(table, route, command.flags)))


def _answer(route: Route, command: CaseCommand, table: Compiled, values: Mapping[str, Any]) -> int:
    """Do what a command does with a case, and return the exit code.

    Raises:
        CaseError: the case is wrong; with where each wrong value was read.
    """
    try:
        return command.answer(table, stated(route, table), values)
    except CaseError as error:
        if route.reading is None:
            raise
        raise route.reading.explained(error) from None


def stated(route: Route, table: Compiled) -> dict[str, Any]:
    """Return the record of a command line: what its flags state, over what its file states.

    Raises:
        CaseError: something was given wrongly; what is wrong with the values is said as well.
    """
    reader = case_reader(table)
    problems = list(route.problems)
    flags: dict[str, str] = {}
    for written, value in route.flags:
        name = written.removeprefix("--").replace("-", "_")
        if value is None and phrase(name) in reader.aliases:
            problems.append(Problem(None, None, words.say("command.needs_value", flag=written)))
        elif flags.get(name):
            problems.append(Problem(name, value, words.say("case.twice"), goes_on=True))
        else:
            flags[name] = value or ""
    overridden = {reader.aliases.get(phrase(name), name) for name, value in flags.items() if value.strip()}
    record = {
        key: value
        for key, value in route.record.items()
        if reader.aliases.get(phrase(str(key)), key) not in {*overridden, CANCER}
    }
    record |= {
        name: value for name, value in flags.items() if value.strip() or phrase(name) not in reader.aliases
    }
    if not problems:
        return record
    try:
        read_case(record, table)
    except CaseError as error:
        if not isinstance(error, OutOfScope):
            problems += error.problems
    raise CaseError(problems)


def ask(route: Route, shown: Shown) -> int:
    """Ask on a terminal; elsewhere say what to give instead. Return the exit code.

    Raises:
        CaseError: there is no terminal to ask on.
    """
    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise CaseError([Problem(None, None, words.say("command.no_terminal"))])
    if shown.report:
        from riskcli.cli.report import check_report

        check_report(shown.report)
    from riskcli.interview import interview

    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    found = interview(route.rules, sys.stdin.readline, say_prompt, terminal_width())
    if found is None:
        return INTERRUPTED
    table, record, command = found
    show(route, table, record, shown)
    if route.own_rules:
        command = f"{command} {shlex.join(['--rules', route.own_rules])}"
    say("", words.say("command.same_again"), f"  {command}")
    return ANSWERED


def say_prompt(text: str) -> None:
    """Write a prompt to standard error, without a new line at its end."""
    write(sys.stderr, "\n".join(map(clean, text.split("\n"))))
