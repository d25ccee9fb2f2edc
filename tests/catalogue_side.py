"""What the tests of the catalogue share: invented tables that can be edited, and the commands."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from conftest import Told

from riskcli.cli.catalogue import add_catalogue
from riskcli.cli.explain import explain_app
from riskcli.cli.output import report_error
from riskcli.cli.routing import Route
from riskcli.errors import CaseError, Problem, RiskcliError
from riskcli.loader import Rules, load_rules

TESTS = Path(__file__).parent
INVENTED = TESTS / "data" / "rules"
DUCT, GAUGE = "example_duct", "example_gauge"


def edited(place: Path, name: str, *changes: tuple[str, str]) -> Path:
    """Put an invented table, with texts replaced, and its vocabulary into a directory; return the table."""
    text = (INVENTED / f"{name}.yaml").read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    place.mkdir(exist_ok=True)
    (place / "vocabulary.yaml").write_bytes((INVENTED / "vocabulary.yaml").read_bytes())
    (place / f"{name}.yaml").write_text(text, encoding="utf-8")
    return place / f"{name}.yaml"


def packaged(place: Path, name: str, *changes: tuple[str, str]) -> Path:
    """Put a packaged table, with texts replaced, into a directory; return the table."""
    text = load_rules().file(name).read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after)
    place.mkdir(exist_ok=True)
    (place / f"{name}.yaml").write_text(text, encoding="utf-8")
    return place / f"{name}.yaml"


class Program:
    """The commands of the catalogue and of the topics, as `riskcli` runs them."""

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
        add_catalogue(rules, route)
        app.add_typer(rules)
        app.add_typer(explain_app(route))
        as_json = "--json" in route.args
        try:
            job = typer.main.get_command(app).main(args=route.args, standalone_mode=False)
            return int(job()) if callable(job) else int(job or 0)
        except RiskcliError as error:
            return report_error(error, as_json)
        except typer.TyperException as error:
            return report_error(CaseError([Problem(None, None, error.format_message())]), as_json)
