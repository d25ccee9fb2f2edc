"""The command line: parses, calls the one engine, shows, and turns errors into exit codes."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Any

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # no stranger's plugin sees a patient's values

import typer

from riskcli import words
from riskcli._version import __version__
from riskcli.cli.flags import declared, with_parameters
from riskcli.cli.output import ANSWERED, INTERRUPTED, report_error, say, silence, write
from riskcli.cli.routing import ASSESS, HELP_FLAG, RULES, Route, command_of, completion_route, route
from riskcli.errors import CaseError, Problem, RiskcliError

__all__ = ["build_app", "main"]

HELP = (
    "How likely are micrometastases after surgery for a solid cancer? A best guess about a group of similar "
    "patients, from documented factors, with every source shown. Runs on this machine only; for education, "
    "audit, research and preparing discussion by clinicians."
)
_COMPLETE = "_RISKCLI_COMPLETE"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code.

    0 answered, 2 the input is wrong or no table answers such a case, 3 a rule file is wrong or has aged,
    4 some rows could not be read, 5 another answer was found, 130 interrupted; 1 and a traceback are our bug.
    """
    args = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(args)
    except RiskcliError as error:
        return report_error(error, "--json" in args)
    except typer.TyperException as error:
        message = " ".join(error.format_message().split())
        return report_error(CaseError([Problem(None, None, message)]), "--json" in args)
    except (KeyboardInterrupt, typer.Abort):
        say("", words.say("command.interrupted"))
        return INTERRUPTED
    except BrokenPipeError:
        silence(sys.stdout)
        return ANSWERED
    except SystemExit as end:  # Typer has completed a command line, or the reader of its help has gone
        if _COMPLETE in os.environ or not end.code:
            return int(end.code or ANSWERED)
        silence(sys.stdout)
        return ANSWERED
    except Exception as error:
        return report_bug(error)


def _run(args: list[str]) -> int:
    """Parse and run one command line, or complete one."""
    if _COMPLETE in os.environ:
        try:
            found = completion_route(_words_before_cursor())
        except RiskcliError:
            return 1
    else:
        found = route([*args, "--help"] if args in ([], [RULES]) else args)
    job = typer.main.get_command(build_app(found)).main(
        args=found.args, prog_name="riskcli", complete_var=_COMPLETE, standalone_mode=False
    )
    job = found.job or job
    if callable(job):  # done out here, where Typer's own ways with pipes and interruptions do not reach
        return int(job())
    return job if isinstance(job, int) else ANSWERED


def _words_before_cursor() -> list[str]:
    """Return the whole words of a command line that a shell wants completed.

    Bash gives every word and the number of the one at the cursor, the other shells the text up to it.
    """
    if "COMP_WORDS" in os.environ:
        before = int(os.environ.get("COMP_CWORD") or 1)
        return os.environ["COMP_WORDS"].split()[1:before]
    text = os.environ.get("_TYPER_COMPLETE_ARGS", "")
    words = text.split()[1:]
    return words if text.endswith(" ") else words[:-1]


def build_app(found: Route) -> typer.Typer:
    """Return the application for one command line: only what it asks for is loaded."""
    is_assess = command_of(found.args) == ASSESS
    app = typer.Typer(
        name="riskcli",
        help=HELP,
        pretty_exceptions_enable=False,
        add_completion=found.describes or not is_assess,
        add_help_option=found.declares(HELP_FLAG),
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    def show_version(asked: bool) -> None:
        if asked:
            found.job = lambda: print_version(found)
            raise typer.Exit

    def riskcli(**_values: Any) -> None:
        """Begin; both flags are seen to before and after."""

    version = typer.Option(
        "--version",
        is_eager=True,
        callback=show_version,
        help="Print the version and the editions of the rule tables.",
    )
    rules = typer.Option("--rules", metavar="DIR", help="Add or replace rule tables.")
    flags = [
        ("version", "--version", Annotated[bool, version], False),
        ("rules", "--rules", Annotated[str | None, rules], None),
    ]
    app.callback(help=HELP)(with_parameters(riskcli, declared(found, flags)))

    from riskcli.cli.assess import assess_app, what_if_app

    app.add_typer(assess_app(found))
    if not is_assess:
        from riskcli.cli.authoring import schema_app
        from riskcli.cli.cohort import cohort_app
        from riskcli.cli.explain import explain_app
        from riskcli.cli.rules import rules_app
        from riskcli.cli.verify import verify_app

        for part in (what_if_app, verify_app, cohort_app, rules_app, explain_app, schema_app):
            app.add_typer(part(found))
    return app


def print_version(found: Route) -> int:
    """Print the version and the editions of the rule tables, and return the exit code."""
    tables = [
        f"  {heading.cancer} {heading.edition} ({heading.status}) {heading.digest[:12]}\n"
        for heading in found.rules.index.values()
    ]
    write(sys.stdout, "".join([f"riskcli {__version__}\n", *tables]))
    return ANSWERED


def report_bug(error: Exception) -> int:
    """Show where the program failed, without the values it failed on, and return exit code 1."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    say(
        "Traceback (values are left out, because they may be a patient's):",
        *lines,
        f"{type(error).__name__}: this is a fault of riskcli {__version__}; please report these lines.",
    )
    return 1
