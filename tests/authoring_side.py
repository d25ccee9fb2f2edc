"""What the tests of vignettes, agreement, skeletons and schemas share: commands, tables, worked cases."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from conftest import Told

from riskcli.check import vignette_file
from riskcli.cli.authoring import add_authoring, schema_app
from riskcli.cli.output import report_error
from riskcli.cli.routing import Route
from riskcli.compiled import Compiled
from riskcli.errors import CaseError, Problem, RiskcliError
from riskcli.loader import Rules, load_rules
from riskcli.rule_files import read_vignettes
from riskcli.vignettes import Covering, covering

RULES = load_rules()
NAMES = RULES.names


def table(name: str) -> Compiled:
    """Return a packaged table."""
    return RULES.get(name)


@cache
def covered(name: str) -> Covering:
    """Return the covering cases of a packaged table."""
    return covering(table(name))


def worked_cases(name: str) -> list[dict[str, Any]]:
    """Return the examples and the vignettes of a packaged table, as JSON would give them."""
    examples = [example["case"] for example in table(name).table["examples"]]
    more = read_vignettes(vignette_file(RULES.file(name)))[1].vignettes
    cases: list[dict[str, Any]] = json.loads(json.dumps([*examples, *(example.case for example in more)]))
    return cases


class Program:
    """The commands of authors, as `riskcli` runs them."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Tell what comes out through `capsys`."""
        self.capsys = capsys

    def __call__(self, *args: str | Path, rules: Path | None = None) -> Told:
        """Run one command line; `rules` are one's own, as with --rules."""
        words = list(map(str, args))
        route = Route(words, Rules(rules) if rules else load_rules(), own_rules=str(rules) if rules else None)
        code = self._run(route)
        told = self.capsys.readouterr()
        return Told(code, told.out, told.err)

    @staticmethod
    def _run(route: Route) -> int:
        """Parse, do the job, and turn what goes wrong into its exit code."""
        app = typer.Typer()
        rules = typer.Typer(name="rules")
        add_authoring(rules, route)
        app.add_typer(rules)
        app.add_typer(schema_app(route))
        try:
            job = typer.main.get_command(app).main(args=route.args, standalone_mode=False)
            return int(job()) if callable(job) else int(job or 0)
        except RiskcliError as error:
            return report_error(error, "--json" in route.args)
        except typer.TyperException as error:
            return report_error(CaseError([Problem(None, None, error.format_message())]), False)
